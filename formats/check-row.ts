import type { JsonObject } from '../pipeline/json.ts';
import { conversationFault } from './conversation-fault.ts';
import { TRAINING_FORMATS, type TrainingFormatName } from './training-formats.ts';

/**
 * Checks one row against the schema of its format.
 * @param number of the row in its file, from 1
 * @throws SyngraphError CONVERSATION_INVALID, which names row and field
 */
export function checkRow(row: JsonObject, { format, number }: { format: TrainingFormatName; number: number }): void {
  const result = TRAINING_FORMATS[format].schema.safeParse(row);
  if (result.success) return;
  const [issue] = result.error.issues;
  const field = fieldPath(issue?.path ?? []);
  const message = issue?.code === 'custom' ? issue.message : (issue?.message ?? 'is wrong').replace(/^Invalid input: /, '');
  throw conversationFault({ field: `${format} row ${number}${field === '' ? '' : `, ${field}`}`, message: issue?.code === 'custom' ? message : `is wrong: ${message}` });
}

function fieldPath(path: readonly PropertyKey[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`)).join('');
}
