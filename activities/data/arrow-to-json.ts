import { Type, Vector } from 'apache-arrow';
import type { Data, DataType, Decimal, RecordBatch, Time, Timestamp } from 'apache-arrow';
import type { JsonObject, JsonValue } from '../../pipeline/json.ts';

/** Reads the value at an index of one column of one batch. */
type Cell = (index: number) => JsonValue;

/**
 * The rows of an Arrow batch as JSON: integers beyond 2^53 as text, NaN and infinities as null,
 * dates and times as ISO 8601 (UTC where the column has a zone), binary as base64, decimals as
 * text, maps as objects.
 */
export function rowsOfBatch(batch: RecordBatch): JsonObject[] {
  const columns = batch.schema.fields.map((field, index): [string, Cell] => {
    return [field.name, cellOf(childOf(batch.data, index))];
  });
  return Array.from({ length: batch.numRows }, (_, row) => objectOf(columns, row));
}

function objectOf(columns: [string, Cell][], index: number): JsonObject {
  // fromEntries defines keys and never calls setters, so a `__proto__` column stays a column.
  return Object.fromEntries(columns.map(([name, cell]): [string, JsonValue] => [name, cell(index)]));
}

function cellOf(data: Data): Cell {
  const read = validCellOf(data);
  return (index) => (data.getValid(index) ? read(index) : null);
}

function validCellOf(data: Data): Cell {
  const type: DataType = data.type;
  switch (type.typeId) {
    case Type.Struct: {
      const children = type.children.map((field, index): [string, Cell] => [field.name, cellOf(childOf(data, index))]);
      return (index) => objectOf(children, index);
    }
    case Type.List:
    case Type.LargeList:
      return listCell(data, offsetsOf(data));
    case Type.FixedSizeList: {
      const size = data.stride;
      return listCell(data, (index) => [index * size, (index + 1) * size]);
    }
    case Type.Map:
      return mapCell(data);
    case Type.Dictionary:
      return dictionaryCell(data);
    default:
      return leafCell(data, type);
  }
}

/** The library types children and buffers as `any`; these three say what they are. */
function childOf(data: Data, index: number): Data {
  return data.children[index] as Data;
}

function offsetsOf(data: Data): (index: number) => [number, number] {
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  return (index) => [Number(offsets[index]), Number(offsets[index + 1])];
}

function dictionaryParts(data: Data): Data[] {
  return (data.dictionary?.data ?? []) as Data[];
}

function listCell(data: Data, bounds: (index: number) => [number, number]): Cell {
  const item = cellOf(childOf(data, 0));
  return (index) => {
    const [begin, end] = bounds(index);
    return Array.from({ length: end - begin }, (_, position) => item(begin + position));
  };
}

function mapCell(data: Data): Cell {
  const entries = childOf(data, 0);
  const key = cellOf(childOf(entries, 0));
  const value = cellOf(childOf(entries, 1));
  const bounds = offsetsOf(data);
  return (index) => {
    const [begin, end] = bounds(index);
    return Object.fromEntries(
      Array.from({ length: end - begin }, (_, position): [string, JsonValue] => {
        return [asKey(key(begin + position)), value(begin + position)];
      }),
    );
  };
}

function asKey(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function dictionaryCell(data: Data): Cell {
  const values = dictionaryParts(data).map((part) => ({ cell: cellOf(part), length: part.length }));
  const keys = data.values as ArrayLike<number | bigint>;
  return (index) => {
    let key = Number(keys[index]);
    for (const { cell, length } of values) {
      if (key < length) return cell(key);
      key -= length;
    }
    return null;
  };
}

function leafCell(data: Data, type: DataType): Cell {
  const vector = new Vector([data]);
  const toJson = leafConversion(type);
  return (index) => toJson(vector.get(index));
}

function leafConversion(type: DataType): (value: unknown) => JsonValue {
  switch (type.typeId) {
    case Type.Null:
      return () => null;
    case Type.Bool:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return (value) => value as JsonValue;
    case Type.Int:
      return (value) => (typeof value === 'bigint' ? fromBigInt(value) : (value as number));
    case Type.Float:
      return (value) => (Number.isFinite(value) ? (value as number) : null);
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    case Type.Date:
      return (value) => isoDate(value as number).slice(0, -'T00:00:00.000Z'.length);
    case Type.Timestamp: {
      const zoned = Boolean((type as Timestamp).timezone);
      return (value) => (zoned ? isoDate(value as number) : isoDate(value as number).slice(0, -1));
    }
    case Type.Time: {
      const perSecond = 1000n ** BigInt((type as Time).unit);
      return (value) => timeOfDay(BigInt(value as number | bigint), perSecond);
    }
    case Type.Decimal: {
      const { scale } = type as Decimal;
      return (value) => decimalText(value as Uint32Array, scale);
    }
    default:
      return (value) => String(value);
  }
}

function fromBigInt(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

function isoDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  // Outside the years that Date knows there is no ISO form; the count is at least lossless.
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}

function timeOfDay(units: bigint, perSecond: bigint): string {
  const seconds = units / perSecond;
  const parts = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => part.toString().padStart(2, '0'));
  const fraction = (units % perSecond)
    .toString()
    .padStart(perSecond.toString().length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' ? parts.join(':') : `${parts.join(':')}.${fraction}`;
}

/** Little-endian words in two's complement, as Arrow keeps decimals. */
function decimalText(words: Uint32Array, scale: number): string {
  let value = 0n;
  for (let index = words.length - 1; index >= 0; index -= 1) value = (value << 32n) | BigInt(words[index] as number);
  value = BigInt.asIntN(words.length * 32, value);
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale > 0 ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return value < 0n ? `-${text}` : text;
}
