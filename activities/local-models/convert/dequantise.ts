import { LocalModelError } from '../local-model-error.ts';
import type { GgufFile, GgufTensor } from './gguf-file.ts';
import { halfFloat } from './half-float.ts';

interface TensorType {
  name: string;
  elements: number;
  bytes: number;
  /** Writes the numbers of the block at `at` to `out`, from `to` on. The block lies within the bytes. */
  read: (bytes: Buffer, at: number, out: Float32Array, to: number) => void;
}

/** By number of ggml's enumeration; layouts as in ggml-common.h. */
const TYPES: Record<number, TensorType> = {
  0: { name: 'F32', elements: 1, bytes: 4, read: (bytes, at, out, to) => void (out[to] = bytes.readFloatLE(at)) },
  1: { name: 'F16', elements: 1, bytes: 2, read: (bytes, at, out, to) => void (out[to] = halfFloat(bytes.readUInt16LE(at))) },
  2: { name: 'Q4_0', elements: 32, bytes: 18, read: readFourBit({ header: 2, hasMinimum: false }) },
  3: { name: 'Q4_1', elements: 32, bytes: 20, read: readFourBit({ header: 4, hasMinimum: true }) },
  6: { name: 'Q5_0', elements: 32, bytes: 22, read: readFiveBit({ header: 2, hasMinimum: false }) },
  7: { name: 'Q5_1', elements: 32, bytes: 24, read: readFiveBit({ header: 4, hasMinimum: true }) },
  8: { name: 'Q8_0', elements: 32, bytes: 34, read: readEightBit },
  12: { name: 'Q4_K', elements: 256, bytes: 144, read: readFourBitSuperblock },
  14: { name: 'Q6_K', elements: 256, bytes: 210, read: readSixBitSuperblock },
  30: { name: 'BF16', elements: 1, bytes: 2, read: (bytes, at, out, to) => void (out[to] = wideBrainFloat(bytes.readUInt16LE(at))) },
};

/** The numbers of a tensor, in the file's order. */
export function dequantise({ bytes }: GgufFile, tensor: GgufTensor): Float32Array<ArrayBuffer> {
  const type = TYPES[tensor.type];
  if (type === undefined) {
    const known = Object.values(TYPES).map(({ name }) => name).join(', ');
    throw new LocalModelError(`the tensor ${tensor.name} is of ggml's type ${tensor.type}; known are ${known}`);
  }
  const blocks = tensor.elements / type.elements;
  if (!Number.isInteger(blocks)) throw new LocalModelError(`the tensor ${tensor.name} has ${tensor.elements} numbers in blocks of ${type.elements}`);
  if (tensor.position + blocks * type.bytes > bytes.length) throw new LocalModelError('the GGUF file is cut off');
  const numbers = new Float32Array(tensor.elements);
  for (let block = 0; block < blocks; block++) {
    type.read(bytes, tensor.position + block * type.bytes, numbers, block * type.elements);
  }
  return numbers;
}

interface SmallBlock {
  /** Bytes of scale and minimum. */
  header: number;
  /** Else the numbers lie around zero. */
  hasMinimum: boolean;
}

function readFourBit({ header, hasMinimum }: SmallBlock): TensorType['read'] {
  return (bytes, at, out, to) => {
    const scale = halfFloat(bytes.readUInt16LE(at));
    const minimum = hasMinimum ? halfFloat(bytes.readUInt16LE(at + 2)) : -8 * scale;
    for (let index = 0; index < 16; index++) {
      const pair = bytes[at + header + index] as number;
      out[to + index] = scale * (pair & 15) + minimum;
      out[to + index + 16] = scale * (pair >> 4) + minimum;
    }
  };
}

function readFiveBit({ header, hasMinimum }: SmallBlock): TensorType['read'] {
  return (bytes, at, out, to) => {
    const scale = halfFloat(bytes.readUInt16LE(at));
    const minimum = hasMinimum ? halfFloat(bytes.readUInt16LE(at + 2)) : -16 * scale;
    const high = bytes.readUInt32LE(at + header);
    for (let index = 0; index < 16; index++) {
      const pair = bytes[at + header + 4 + index] as number;
      out[to + index] = scale * ((pair & 15) | (((high >>> index) & 1) << 4)) + minimum;
      out[to + index + 16] = scale * ((pair >> 4) | (((high >>> (index + 16)) & 1) << 4)) + minimum;
    }
  };
}

function readEightBit(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const scale = halfFloat(bytes.readUInt16LE(at));
  for (let index = 0; index < 32; index++) out[to + index] = scale * bytes.readInt8(at + 2 + index);
}

/** Eight groups of 32 numbers, whose scales and minimums have six bits each. */
function readFourBitSuperblock(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const scale = halfFloat(bytes.readUInt16LE(at));
  const minimum = halfFloat(bytes.readUInt16LE(at + 2));
  const packed = (index: number): number => (bytes[at + 4 + index] as number);
  for (let group = 0; group < 8; group++) {
    const [factor, offset] =
      group < 4
        ? [packed(group) & 63, packed(group + 4) & 63]
        : [(packed(group + 4) & 15) | ((packed(group - 4) >> 6) << 4), (packed(group + 4) >> 4) | ((packed(group) >> 6) << 4)];
    const from = at + 16 + 32 * (group >> 1);
    for (let index = 0; index < 32; index++) {
      const pair = bytes[from + index] as number;
      out[to + 32 * group + index] = scale * factor * (group % 2 === 0 ? pair & 15 : pair >> 4) - minimum * offset;
    }
  }
}

/** Two halves of 128 numbers: low four bits, high two bits, and a scale for each 16. */
function readSixBitSuperblock(bytes: Buffer, at: number, out: Float32Array, to: number): void {
  const scale = halfFloat(bytes.readUInt16LE(at + 208));
  for (let index = 0; index < 256; index++) {
    const half = index >> 7;
    const quarter = (index >> 5) & 3;
    const column = index & 31;
    const low = bytes[at + 64 * half + 32 * (quarter & 1) + column] as number;
    const high = bytes[at + 128 + 32 * half + column] as number;
    const factor = bytes.readInt8(at + 192 + (index >> 4));
    out[to + index] = scale * factor * (((quarter < 2 ? low & 15 : low >> 4) | (((high >> (2 * quarter)) & 3) << 4)) - 32);
  }
}

function wideBrainFloat(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] ?? 0;
}
