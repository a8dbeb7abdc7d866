import { Binary, Bool, Field, Float64, Int64, List, Struct, Utf8, type DataType } from 'apache-arrow';
import { isJsonObject, type JsonObject, type JsonValue } from '../../pipeline/json.ts';
import { isMediaReference, type MediaReference } from '../media/media-reference.ts';

/**
 * What the values of a column have been so far. `text` is strings, and also the refuge of columns
 * whose values do not go together: strings stay as they are, others become their JSON text.
 */
export type ColumnType =
  | { kind: 'unknown' | 'bool' | 'int' | 'float' | 'text' }
  /** Images or sounds, as references to the store. */
  | { kind: 'media'; feature: MediaFeature }
  | { kind: 'list'; item: ColumnType }
  | { kind: 'struct'; fields: Map<string, ColumnType> };

/** What Hugging Face calls a column of images or sounds. */
export type MediaFeature = 'Image' | 'Audio';

/** An object with more keys than this in one column is a map, not a structure; it is kept as JSON text. */
const MAX_FIELDS = 256;
/** Deeper values are kept as JSON text. */
const MAX_DEPTH = 32;

/** The type of a row's columns. There may be any number of them. */
export class RowType {
  readonly columns = new Map<string, ColumnType>();

  add(row: JsonObject): void {
    for (const [name, value] of Object.entries(row)) {
      this.columns.set(name, widen(this.columns.get(name) ?? { kind: 'unknown' }, value, 0));
    }
  }

  fields(): Field[] {
    return [...this.columns].map(([name, type]) => new Field(name, arrowType(type), true));
  }
}

/** The type that holds all that `type` held and the value too. Changes lists and structs in place. */
function widen(type: ColumnType, value: JsonValue, depth: number): ColumnType {
  if (value === null || type.kind === 'text') return type;
  if (typeof value === 'string' || depth > MAX_DEPTH) return { kind: 'text' };
  if (typeof value === 'boolean')
    return type.kind === 'unknown' || type.kind === 'bool' ? { kind: 'bool' } : { kind: 'text' };
  if (typeof value === 'number') return widenNumber(type, value);
  if (isMediaReference(value)) return widenMedia(type, value);
  if (Array.isArray(value)) {
    if (type.kind !== 'unknown' && type.kind !== 'list') return { kind: 'text' };
    let item: ColumnType = type.kind === 'list' ? type.item : { kind: 'unknown' };
    for (const each of value) item = widen(item, each, depth + 1);
    return { kind: 'list', item };
  }
  return widenStruct(type, value, depth);
}

function widenNumber(type: ColumnType, value: number): ColumnType {
  if (type.kind === 'float') return type;
  if (type.kind !== 'unknown' && type.kind !== 'int') return { kind: 'text' };
  return { kind: Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int' : 'float' };
}

function widenMedia(type: ColumnType, { type: mediaType }: MediaReference): ColumnType {
  const feature = /^audio\//.test(mediaType) ? 'Audio' : 'Image';
  return type.kind === 'unknown' || (type.kind === 'media' && type.feature === feature) ? { kind: 'media', feature } : { kind: 'text' };
}

function widenStruct(type: ColumnType, value: JsonObject, depth: number): ColumnType {
  if (type.kind !== 'unknown' && type.kind !== 'struct') return { kind: 'text' };
  const fields = type.kind === 'struct' ? type.fields : new Map<string, ColumnType>();
  for (const [name, each] of Object.entries(value)) {
    fields.set(name, widen(fields.get(name) ?? { kind: 'unknown' }, each, depth + 1));
    if (fields.size > MAX_FIELDS) return { kind: 'text' };
  }
  return { kind: 'struct', fields };
}

/** Only nulls: text, since Parquet readers differ on columns without a type. No keys: JSON text, as Parquet has no empty groups. */
function arrowType(type: ColumnType): DataType {
  switch (type.kind) {
    case 'bool':
      return new Bool();
    case 'int':
      return new Int64();
    case 'float':
      return new Float64();
    case 'unknown':
    case 'text':
      return new Utf8();
    case 'media':
      return new Struct([new Field('bytes', new Binary(), true), new Field('path', new Utf8(), true)]);
    case 'list':
      // `element` is what the Parquet format calls a list's items.
      return new List(new Field('element', arrowType(type.item), true));
    case 'struct':
      if (type.fields.size === 0) return new Utf8();
      return new Struct([...type.fields].map(([name, field]) => new Field(name, arrowType(field), true)));
  }
}

/** Contents of images and sounds by their names in the store. */
export type MediaContents = ReadonlyMap<string, Uint8Array>;

/** A value as Arrow's builders take it for a column of the type. */
export function toColumnValue(type: ColumnType, value: JsonValue | undefined, contents: MediaContents): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'int':
      return BigInt(value as number);
    case 'bool':
    case 'float':
      return value;
    case 'media': {
      const { $media, path } = value as MediaReference;
      return { bytes: contents.get($media) ?? null, path: typeof path === 'string' ? path : $media };
    }
    case 'list':
      return (value as JsonValue[]).map((item) => toColumnValue(type.item, item, contents));
    case 'struct':
      if (type.fields.size > 0 && isJsonObject(value)) return structValue(type.fields, value, contents);
      return JSON.stringify(value);
    case 'unknown':
    case 'text':
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

function structValue(fields: Map<string, ColumnType>, value: JsonObject, contents: MediaContents): unknown {
  return Object.fromEntries(
    [...fields].map(([name, type]) => [name, toColumnValue(type, Object.hasOwn(value, name) ? value[name] : null, contents)]),
  );
}
