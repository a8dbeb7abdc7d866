/** Numbers that share a scale. */
export const BLOCK = 32;
/** What stands for zero; the default of MatMulNBits. */
export const ZERO_POINT = 128;

export interface EightBitBlocks {
  /** One byte a number, in the numbers' order. */
  values: Uint8Array<ArrayBuffer>;
  /** One for each block. */
  scales: Float32Array<ArrayBuffer>;
}

/** Rounds each block of 32 numbers to 255 steps around zero, as wide as its largest number asks for. */
export function toEightBitBlocks(numbers: Float32Array): EightBitBlocks {
  const values = new Uint8Array(numbers.length);
  const scales = new Float32Array(numbers.length / BLOCK);
  for (let block = 0; block < scales.length; block++) {
    let largest = 0;
    for (let index = block * BLOCK; index < (block + 1) * BLOCK; index++) largest = Math.max(largest, Math.abs(numbers[index] as number));
    const scale = largest === 0 ? 1 : largest / 127;
    scales[block] = scale;
    for (let index = block * BLOCK; index < (block + 1) * BLOCK; index++) values[index] = Math.round((numbers[index] as number) / scale) + ZERO_POINT;
  }
  return { values, scales };
}
