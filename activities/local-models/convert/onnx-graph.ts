import { ProtobufWriter } from './protobuf-writer.ts';
import type { StoredTensor } from './weights-file.ts';

/** Types of tensors, as onnx.proto numbers them. */
export const ONNX_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxType = keyof typeof ONNX_TYPES;

/** A whole number, a float where the operator wants one. */
export type OnnxAttribute = number | { float: number };

/** The domain of ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

const IR_VERSION = 10;
const OPSET = 23;
/** AttributeProto.AttributeType */
const FLOAT_ATTRIBUTE = 1;
const INTEGER_ATTRIBUTE = 2;
/** TensorProto.DataLocation */
const EXTERNAL = 1;

export interface OnnxNode {
  operator: string;
  /** An empty name stands for an optional input that is left out. */
  inputs: string[];
  /** Default: one, with a name of its own. */
  outputs?: string[];
  attributes?: Record<string, OnnxAttribute>;
  domain?: string;
}

/** Builds one ONNX model. The field numbers are those of onnx.proto. */
export class OnnxGraph {
  readonly #graph = new ProtobufWriter();
  readonly #stored = new Set<string>();
  readonly #constants = new Set<string>();
  #names = 0;

  /** Adds an operator; says the name of its first output. */
  node({ operator, inputs, outputs = [this.#name('value')], attributes = {}, domain }: OnnxNode): string {
    const node = new ProtobufWriter();
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(3, this.#name(operator)).text(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
    if (domain !== undefined) node.text(7, domain);
    this.#graph.message(1, node);
    return outputs[0] as string;
  }

  /** Integers that shapes and slices need; a scalar where `values` is a number. */
  integers(values: number[] | number): string {
    const list = Array.isArray(values) ? values : [values];
    const name = `${Array.isArray(values) ? 'list' : 'scalar'}_${list.join('_')}`.replaceAll('-', 'minus');
    if (this.#constants.has(name)) return name;
    this.#constants.add(name);
    const raw = new Uint8Array(BigInt64Array.from(list.map(BigInt)).buffer);
    const dims = Array.isArray(values) ? [values.length] : [];
    this.#graph.message(5, tensorProto({ name, dims, type: 'int64' }).bytes(9, raw));
    return name;
  }

  /** A float scalar. */
  scalar(value: number): string {
    const name = `float_${value}`;
    if (this.#constants.has(name)) return name;
    this.#constants.add(name);
    const raw = new Uint8Array(Float32Array.of(value).buffer);
    this.#graph.message(5, tensorProto({ name, dims: [], type: 'float32' }).bytes(9, raw));
    return name;
  }

  /** Weights that lie in a file beside the model. */
  weights(tensor: StoredTensor): string {
    if (this.#stored.has(tensor.name)) return tensor.name;
    this.#stored.add(tensor.name);
    const proto = tensorProto(tensor);
    const place = { location: tensor.file, offset: String(tensor.offset), length: String(tensor.bytes) };
    for (const [key, value] of Object.entries(place)) proto.message(13, new ProtobufWriter().text(1, key).text(2, value));
    this.#graph.message(5, proto.integer(14, EXTERNAL));
    return tensor.name;
  }

  input(name: string, type: OnnxType, dims: (number | string)[]): string {
    this.#graph.message(11, valueProto(name, type, dims));
    return name;
  }

  output(name: string, type: OnnxType, dims: (number | string)[]): void {
    this.#graph.message(12, valueProto(name, type, dims));
  }

  finish(name: string): Uint8Array {
    const operatorSets = [
      new ProtobufWriter().text(1, '').integer(2, OPSET),
      new ProtobufWriter().text(1, MICROSOFT).integer(2, 1),
    ];
    const model = new ProtobufWriter().integer(1, IR_VERSION).text(2, 'syngraph').message(7, this.#graph.text(2, name));
    for (const operatorSet of operatorSets) model.message(8, operatorSet);
    return model.finish();
  }

  #name(kind: string): string {
    this.#names += 1;
    return `${kind}_${this.#names}`;
  }
}

function tensorProto({ name, dims, type }: { name: string; dims: number[]; type: OnnxType }): ProtobufWriter {
  const proto = new ProtobufWriter();
  for (const dim of dims) proto.integer(1, dim);
  return proto.integer(2, ONNX_TYPES[type]).text(8, name);
}

function valueProto(name: string, type: OnnxType, dims: (number | string)[]): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const dim of dims) {
    const one = new ProtobufWriter();
    shape.message(1, typeof dim === 'string' ? one.text(2, dim) : one.integer(1, dim));
  }
  const tensor = new ProtobufWriter().integer(1, ONNX_TYPES[type]).message(2, shape);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
}

function attributeProto(name: string, value: OnnxAttribute): ProtobufWriter {
  const proto = new ProtobufWriter().text(1, name);
  if (typeof value === 'number') return proto.integer(3, value).integer(20, INTEGER_ATTRIBUTE);
  return proto.float(2, value.float).integer(20, FLOAT_ATTRIBUTE);
}
