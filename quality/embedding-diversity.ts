import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** Smaller eigenvalues are what rounding leaves of zero. */
const SMALLEST_SHARE = 1e-12;

/**
 * How many different texts there seem to be, from 1 to the number of vectors: e to the entropy of the eigenvalues of K / n,
 * K the cosines of all pairs. Friedman and Dieng 2023, "The Vendi Score", section 3. Takes time by vectors × the smaller of
 * both sizes squared; so a sample of some thousand is for minutes, not for whole datasets. Vectors need not be of length 1;
 * 0 without any.
 */
export function vendiScore(vectors: readonly Float32Array[]): number {
  if (vectors.length === 0) return 0;
  const units = vectors.map(toUnit);
  const dimensions = units[0]!.length;
  // X Xᵀ and Xᵀ X have the same eigenvalues but for zeros.
  const matrix = dimensions < units.length ? momentsOf(units, dimensions) : cosinesOf(units);
  const size = Math.min(dimensions, units.length);
  for (let index = 0; index < matrix.length; index += 1) matrix[index]! /= units.length;
  let entropy = 0;
  for (const share of symmetricEigenvalues(matrix, size)) if (share > SMALLEST_SHARE) entropy -= share * Math.log(share);
  return Math.exp(entropy);
}

/**
 * The mean over all vectors of the cosine distance, 1 - cosine, to the nearest other one: 0 where each has a double, larger the
 * farther texts lie apart. Takes vectors² / 2 comparisons. 0 with fewer than two.
 */
export function meanNearestDistance(vectors: readonly Float32Array[]): number {
  if (vectors.length < 2) return 0;
  const units = vectors.map(toUnit);
  const nearest = new Float64Array(units.length).fill(Infinity);
  for (let one = 0; one < units.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const distance = Math.max(0, 1 - dot(units[one]!, units[other]!));
      if (distance < nearest[one]!) nearest[one] = distance;
      if (distance < nearest[other]!) nearest[other] = distance;
    }
  }
  return nearest.reduce((sum, distance) => sum + distance, 0) / units.length;
}

function toUnit(vector: Float32Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float64Array.from(vector, (value) => value / length);
}

function cosinesOf(units: readonly Float64Array[]): Float64Array {
  const size = units.length;
  const matrix = new Float64Array(size * size);
  for (let one = 0; one < size; one += 1) {
    for (let other = 0; other <= one; other += 1) {
      const cosine = dot(units[one]!, units[other]!);
      matrix[one * size + other] = cosine;
      matrix[other * size + one] = cosine;
    }
  }
  return matrix;
}

function momentsOf(units: readonly Float64Array[], dimensions: number): Float64Array {
  const matrix = new Float64Array(dimensions * dimensions);
  for (const unit of units) {
    for (let row = 0; row < dimensions; row += 1) {
      const factor = unit[row]!;
      const base = row * dimensions;
      for (let column = 0; column < dimensions; column += 1) matrix[base + column]! += factor * unit[column]!;
    }
  }
  return matrix;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += left[index]! * right[index]!;
  return sum;
}
