/** Rounds of QR per eigenvalue; two or three are usual. */
const MOST_ROUNDS = 60;
/** Shares of the largest entry below it change no eigenvalue that 64 bits could hold, and their squares would be 0. */
const NOTHING = 1e-40;

/**
 * The eigenvalues of a symmetric matrix, in no order. Householder's reduction to three diagonals, then QR with Wilkinson's
 * shifts: Golub and Van Loan, "Matrix Computations", sections 8.3.1 and 8.3.3. Takes about 4/3 size³ steps.
 * @param matrix by rows, size × size
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return new Float64Array(size);
  const { diagonal, beside } = toTridiagonal(matrix.map((value) => (Math.abs(value) < NOTHING * largest ? 0 : value / largest)), size);
  for (let last = size - 1, rounds = 0; last > 0; ) {
    if (isNothing(beside[last - 1]!, diagonal[last - 1]!, diagonal[last]!)) {
      last -= 1;
      rounds = 0;
      continue;
    }
    rounds += 1;
    if (rounds > MOST_ROUNDS) throw new Error('the eigenvalues of a matrix were not found');
    let first = last - 1;
    while (first > 0 && !isNothing(beside[first - 1]!, diagonal[first - 1]!, diagonal[first]!)) first -= 1;
    chase(diagonal, beside, { first, last });
  }
  return diagonal.map((value) => value * largest);
}

function isNothing(value: number, left: number, right: number): boolean {
  return Math.abs(value) <= Number.EPSILON * (Math.abs(left) + Math.abs(right));
}

interface Tridiagonal {
  diagonal: Float64Array;
  /** Between neighbours of the diagonal. */
  beside: Float64Array;
}

function toTridiagonal(matrix: Float64Array, size: number): Tridiagonal {
  const beside = new Float64Array(Math.max(0, size - 1));
  const mirror = new Float64Array(size);
  const product = new Float64Array(size);
  for (let step = 0; step < size - 2; step += 1) {
    let square = 0;
    for (let row = step + 1; row < size; row += 1) square += matrix[row * size + step]! ** 2;
    const head = matrix[(step + 1) * size + step]!;
    const length = head > 0 ? -Math.sqrt(square) : Math.sqrt(square);
    beside[step] = length;
    const norm = square - head * length;
    if (norm === 0) continue;
    for (let row = step + 1; row < size; row += 1) mirror[row] = matrix[row * size + step]!;
    mirror[step + 1] = head - length;
    let overlap = 0;
    for (let row = step + 1; row < size; row += 1) {
      let sum = 0;
      for (let column = step + 1; column < size; column += 1) sum += matrix[row * size + column]! * mirror[column]!;
      product[row] = sum / norm;
      overlap += (mirror[row]! * sum) / norm;
    }
    for (let row = step + 1; row < size; row += 1) product[row]! -= (overlap / (2 * norm)) * mirror[row]!;
    for (let row = step + 1; row < size; row += 1) {
      const [one, other] = [mirror[row]!, product[row]!];
      for (let column = step + 1; column < size; column += 1) matrix[row * size + column]! -= one * product[column]! + other * mirror[column]!;
    }
  }
  if (size > 1) beside[size - 2] = matrix[(size - 1) * size + size - 2]!;
  return { diagonal: Float64Array.from({ length: size }, (_, index) => matrix[index * size + index]!), beside };
}

/** One round of QR: a rotation at the first place, and those that chase what it leaves beside the three diagonals to the end. */
function chase(diagonal: Float64Array, beside: Float64Array, { first, last }: { first: number; last: number }): void {
  const gap = (diagonal[last - 1]! - diagonal[last]!) / 2;
  const corner = beside[last - 1]!;
  const shift = diagonal[last]! - corner ** 2 / (gap + (gap < 0 ? -1 : 1) * Math.hypot(gap, corner));
  let along = diagonal[first]! - shift;
  let across = beside[first]!;
  for (let place = first; place < last; place += 1) {
    const length = Math.hypot(along, across);
    const [cosine, sine] = length === 0 ? [1, 0] : [along / length, across / length];
    if (place > first) beside[place - 1] = length;
    const [upper, middle, lower] = [diagonal[place]!, beside[place]!, diagonal[place + 1]!];
    diagonal[place] = cosine ** 2 * upper + 2 * cosine * sine * middle + sine ** 2 * lower;
    diagonal[place + 1] = sine ** 2 * upper - 2 * cosine * sine * middle + cosine ** 2 * lower;
    beside[place] = cosine * sine * (lower - upper) + (cosine ** 2 - sine ** 2) * middle;
    along = beside[place]!;
    if (place + 1 === last) continue;
    across = sine * beside[place + 1]!;
    beside[place + 1]! *= cosine;
  }
}
