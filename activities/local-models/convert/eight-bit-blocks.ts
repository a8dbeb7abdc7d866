/** Numbers that share a scale. */
export const BLOCK = 32;
/** What stands for zero; the default of MatMulNBits. */
export const ZERO_POINT = 128;

/** Steps of GGUF's four-bit types from the least to the largest number of a block. */
const COARSE_STEPS = 15;
/** Steps to either side of zero. */
const STEPS = 127;

export interface EightBitBlocks {
  /** One byte a number, in the numbers' order. */
  values: Uint8Array<ArrayBuffer>;
  /** One for each block. */
  scales: Float32Array<ArrayBuffer>;
}

/**
 * Rounds each block of 32 numbers to 255 steps around zero. They are as wide as the largest number asks for; or, where the
 * numbers have been rounded to sixteen levels before, as those of most GGUF files, such that each level falls on a step.
 */
export function toEightBitBlocks(numbers: Float32Array): EightBitBlocks {
  const values = new Uint8Array(numbers.length);
  const scales = new Float32Array(numbers.length / BLOCK);
  for (let block = 0; block < scales.length; block++) {
    const own = numbers.subarray(block * BLOCK, (block + 1) * BLOCK);
    const scale = scaleOf(own);
    scales[block] = scale;
    for (let index = 0; index < BLOCK; index++) values[block * BLOCK + index] = Math.round((own[index] as number) / scale) + ZERO_POINT;
  }
  return { values, scales };
}

function scaleOf(numbers: Float32Array): number {
  let least = Infinity;
  let largest = -Infinity;
  for (const number of numbers) {
    least = Math.min(least, number);
    largest = Math.max(largest, number);
  }
  const widest = Math.max(largest, -least);
  if (widest === 0) return 1;
  const wide = widest / STEPS;
  const level = (largest - least) / COARSE_STEPS;
  const fine = level > 0 ? alignedScale(level, { least, widest }) : null;
  return fine !== null && errorOf(numbers, fine) < errorOf(numbers, wide) ? fine : wide;
}

/** The division of a level that has the least number nearest to one of its steps; null: levels are too wide to be divided. */
function alignedScale(level: number, { least, widest }: { least: number; widest: number }): number | null {
  let best: number | null = null;
  let bestMiss = Infinity;
  for (let parts = Math.floor((STEPS * level) / widest); parts >= 1; parts--) {
    const scale = level / parts;
    const miss = Math.abs(least / scale - Math.round(least / scale)) * scale;
    if (miss < bestMiss) [best, bestMiss] = [scale, miss];
  }
  return best;
}

function errorOf(numbers: Float32Array, scale: number): number {
  let error = 0;
  for (const number of numbers) error += (Math.round(number / scale) * scale - number) ** 2;
  return error;
}
