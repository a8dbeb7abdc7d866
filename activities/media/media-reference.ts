import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';

/**
 * What a record holds in the place of an image or a sound: the content is kept once in the store,
 * under its hash, so that neither states nor histories nor the journal grow with it.
 */
export interface MediaReference extends JsonObject {
  /** `<sha256>.<extension>`, below the store's folder `media`. */
  $media: string;
  /** Name that the source had for it. */
  path: string | null;
  /** E.g. `image/png`. */
  type: string;
}

const NAME = /^[0-9a-f]{64}\.[a-z0-9]{2,4}$/;

export function isMediaReference(value: JsonValue | undefined): value is MediaReference {
  return isJsonObject(value) && typeof value['$media'] === 'string' && NAME.test(value['$media']);
}

const SCHEME = 'media:';

/** Stands in a prompt until the call is made. */
export function mediaUrl(reference: MediaReference): string {
  return `${SCHEME}${reference.$media}`;
}

/** Name of the media that a url stands for; null for any other url. */
export function mediaNameOf(url: string): string | null {
  const name = url.startsWith(SCHEME) ? url.slice(SCHEME.length) : '';
  return NAME.test(name) ? name : null;
}
