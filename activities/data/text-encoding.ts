import { SyngraphError } from '../../pipeline/errors.ts';

/** Python's names, which SyGra's files use, for encodings that the WHATWG names otherwise. */
const PYTHON_NAMES: Record<string, string> = {
  'latin-1': 'latin1',
  'utf-8-sig': 'utf-8',
  u8: 'utf-8',
  utf: 'utf-8',
  'utf-16-le': 'utf-16le',
  'utf-16-be': 'utf-16be',
};

/** The WHATWG's name of an encoding: `latin-1` → `windows-1252`, `UTF_8` → `utf-8`.
 * @throws SyngraphError SOURCE_INVALID for a label that nobody knows */
export function encodingName(label: string): string {
  const plain = label.trim().toLowerCase().replaceAll('_', '-');
  const candidates = [PYTHON_NAMES[plain] ?? plain, plain.replaceAll('-', '')];
  for (const candidate of candidates) {
    try {
      return new TextDecoder(candidate).encoding;
    } catch {
      // Not a label of the WHATWG; the next spelling may be.
    }
  }
  throw new SyngraphError({
    code: 'SOURCE_INVALID',
    message: `The encoding '${label}' is not known.`,
    nextStep: 'Use a label such as utf-8, utf-16le, latin1, windows-1252, shift_jis or gbk.',
  });
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Bytes in any encoding to bytes in UTF-8 without byte order mark. UTF-8 itself is passed on
 * unchecked: readers check it where they can name the row.
 */
export async function* toUtf8(
  chunks: AsyncIterable<Buffer>,
  options: { encoding: string; name: string },
): AsyncGenerator<Buffer> {
  const encoding = encodingName(options.encoding);
  if (encoding === 'utf-8') yield* withoutMark(chunks);
  else yield* transcoded(chunks, { ...options, encoding });
}

async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | null = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    if (head.length < BYTE_ORDER_MARK.length) continue;
    yield head.subarray(0, 3).equals(BYTE_ORDER_MARK) ? head.subarray(3) : head;
    head = null;
  }
  if (head !== null && head.length > 0) yield head;
}

async function* transcoded(
  chunks: AsyncIterable<Buffer>,
  { encoding, name }: { encoding: string; name: string },
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new SyngraphError({
        code: 'SOURCE_INVALID',
        message: `${name}: is not ${encoding}: the bytes between ${offset} and ${offset + (chunk?.length ?? 0)} cannot be decoded.`,
        nextStep: 'Set the `encoding` that the file was written in.',
        cause,
      });
    }
  };
  for await (const chunk of chunks) {
    const text = decode(chunk);
    offset += chunk.length;
    if (text.length > 0) yield Buffer.from(text);
  }
  const rest = decode();
  if (rest.length > 0) yield Buffer.from(rest);
}
