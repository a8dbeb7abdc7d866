import type { JsonObject, JsonValue } from '../../pipeline/json.ts';
import type { ColumnType, RowType } from './column-type.ts';

/**
 * The columns as Hugging Face's `datasets` names their types in a file's metadata, where some hold images or sounds; null where
 * none does, since then the file's own schema says it all.
 */
export function huggingFaceFeatures({ columns }: RowType): JsonObject | null {
  if (![...columns.values()].some(holdsMedia)) return null;
  return Object.fromEntries([...columns].map(([name, type]) => [name, featureOf(type)]));
}

function holdsMedia(type: ColumnType): boolean {
  switch (type.kind) {
    case 'media':
      return true;
    case 'list':
      return holdsMedia(type.item);
    case 'struct':
      return [...type.fields.values()].some(holdsMedia);
    default:
      return false;
  }
}

function featureOf(type: ColumnType): JsonValue {
  switch (type.kind) {
    case 'media':
      return { _type: type.feature };
    case 'list':
      return { feature: featureOf(type.item), _type: 'List' };
    case 'struct':
      return type.fields.size === 0 ? valueOf('string') : Object.fromEntries([...type.fields].map(([name, field]) => [name, featureOf(field)]));
    case 'bool':
      return valueOf('bool');
    case 'int':
      return valueOf('int64');
    case 'float':
      return valueOf('float64');
    case 'unknown':
    case 'text':
      return valueOf('string');
  }
}

function valueOf(dtype: string): JsonObject {
  return { dtype, _type: 'Value' };
}
