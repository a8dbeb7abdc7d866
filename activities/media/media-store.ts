import { createHash } from 'node:crypto';
import { SyngraphError } from '../../pipeline/errors.ts';
import type { Store } from '../store/store.ts';
import { mediaError } from './media-error.ts';
import type { MediaReference } from './media-reference.ts';
import { sniffMedia } from './sniff-media.ts';

/** Bytes of one image or sound at most. */
export const MOST_MEDIA_BYTES = 50 * 1024 * 1024;

export function mediaKey(name: string): string {
  return `media/${name}`;
}

/** Keeps a content under its hash; the same content is kept once for all runs. @throws SyngraphError MEDIA_INVALID */
export async function keepMedia(store: Store, content: Uint8Array, { what, path }: { what: string; path: string | null }): Promise<MediaReference> {
  if (content.length > MOST_MEDIA_BYTES) throw mediaError(what, `${content.length} bytes are more than the ${MOST_MEDIA_BYTES} that are possible`);
  const kind = sniffMedia(content);
  if (kind === null) throw mediaError(what, 'its content is no image or sound of a known format (PNG, JPEG, GIF, WebP, BMP, TIFF, WAV, MP3, FLAC, Ogg, M4A, WebM)');
  const name = `${createHash('sha256').update(content).digest('hex')}.${kind.extension}`;
  if ((await store.size(mediaKey(name))) !== content.length) await store.write(mediaKey(name), content);
  return { $media: name, path, type: kind.type };
}

export async function readMedia(store: Store, name: string): Promise<Buffer> {
  const content = await store.read(mediaKey(name));
  if (content !== null) return content;
  throw new SyngraphError({ code: 'STORE_INVALID', message: `the store ${store.location} lacks ${mediaKey(name)}, which a record refers to` });
}
