import { SyngraphError } from '../../pipeline/errors.ts';
import { encodingName } from './text-encoding.ts';

export type OutputEncoder = (text: string) => Buffer;

// The highest code unit that each encoding has; what is above must be escaped or refused.
// Latin-1 is what `windows-1252` means here: the two differ only in 0x80 to 0x9f, which are left out.
const ENCODINGS: Record<string, { buffer: BufferEncoding; unescaped: RegExp | null }> = {
  'utf-8': { buffer: 'utf8', unescaped: null },
  'utf-16le': { buffer: 'utf16le', unescaped: null },
  // eslint-disable-next-line no-control-regex
  'windows-1252': { buffer: 'latin1', unescaped: /[^\u0000-\u007f\u00a0-\u00ff]/g },
};

/**
 * Text to bytes of the output's encoding. Characters that it lacks become `\uXXXX` in JSON, and
 * are an error elsewhere, since anything else would change the text.
 * @throws SyngraphError SINK_FAILED for an encoding that cannot be written
 */
export function outputEncoder(label: string, escape: 'json' | 'none'): OutputEncoder {
  const name = encodingName(label);
  const encoding = ENCODINGS[name];
  if (encoding === undefined) {
    throw new SyngraphError({
      code: 'SINK_FAILED',
      message: `Output cannot be written in the encoding '${label}'.`,
      nextStep: 'Write it as utf-8, utf-16le or latin1.',
    });
  }
  const { buffer, unescaped } = encoding;
  if (unescaped === null) return (text) => Buffer.from(text, buffer);
  return (text) =>
    Buffer.from(
      text.replace(unescaped, (unit) => replaceUnit(unit, { escape, label })),
      buffer,
    );
}

function replaceUnit(unit: string, { escape, label }: { escape: 'json' | 'none'; label: string }): string {
  if (escape === 'json') return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  throw new SyngraphError({
    code: 'SINK_FAILED',
    message: `The output has the character '${unit}', which the encoding '${label}' does not have.`,
    nextStep: 'Write the output as utf-8.',
  });
}
