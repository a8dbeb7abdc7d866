export interface MediaKind {
  /** E.g. `image/png`. */
  type: string;
  extension: string;
}

/** Media types by how their content begins; names and headers of strangers are not believed. */
const SIGNATURES: { at: number; bytes: number[]; kind: MediaKind }[] = [
  { at: 0, bytes: [0x89, 0x50, 0x4e, 0x47], kind: { type: 'image/png', extension: 'png' } },
  { at: 0, bytes: [0xff, 0xd8, 0xff], kind: { type: 'image/jpeg', extension: 'jpg' } },
  { at: 0, bytes: [...Buffer.from('GIF8')], kind: { type: 'image/gif', extension: 'gif' } },
  { at: 8, bytes: [...Buffer.from('WEBP')], kind: { type: 'image/webp', extension: 'webp' } },
  { at: 0, bytes: [...Buffer.from('BM')], kind: { type: 'image/bmp', extension: 'bmp' } },
  { at: 0, bytes: [0x49, 0x49, 0x2a, 0x00], kind: { type: 'image/tiff', extension: 'tiff' } },
  { at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a], kind: { type: 'image/tiff', extension: 'tiff' } },
  { at: 8, bytes: [...Buffer.from('WAVE')], kind: { type: 'audio/wav', extension: 'wav' } },
  { at: 0, bytes: [...Buffer.from('ID3')], kind: { type: 'audio/mpeg', extension: 'mp3' } },
  { at: 0, bytes: [...Buffer.from('fLaC')], kind: { type: 'audio/flac', extension: 'flac' } },
  { at: 0, bytes: [...Buffer.from('OggS')], kind: { type: 'audio/ogg', extension: 'ogg' } },
  { at: 4, bytes: [...Buffer.from('ftypM4A')], kind: { type: 'audio/mp4', extension: 'm4a' } },
  { at: 0, bytes: [0xff, 0xf1], kind: { type: 'audio/aac', extension: 'aac' } },
  { at: 0, bytes: [0xff, 0xf9], kind: { type: 'audio/aac', extension: 'aac' } },
  { at: 0, bytes: [0x1a, 0x45, 0xdf, 0xa3], kind: { type: 'audio/webm', extension: 'webm' } },
];

/** The type of media that are kept under an extension; null for one that none are kept under. */
export function mediaTypeOf(extension: string): string | null {
  return SIGNATURES.find(({ kind }) => kind.extension === extension)?.kind.type ?? null;
}

/** null where the content is no image or sound that is known. */
export function sniffMedia(content: Uint8Array): MediaKind | null {
  const found = SIGNATURES.find(({ at, bytes }) => bytes.every((byte, index) => content[at + index] === byte));
  if (found !== undefined) return found.kind;
  // MPEG audio without tags begins with a frame: eleven set bits, then version and layer.
  const isFrame = content[0] === 0xff && ((content[1] ?? 0) & 0xe0) === 0xe0 && ((content[1] ?? 0) & 0x06) !== 0;
  return isFrame ? { type: 'audio/mpeg', extension: 'mp3' } : null;
}
