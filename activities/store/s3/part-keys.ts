const DIGITS = 6;

/** `<name>~<number><extension>`, in the order in which the parts were written. */
export function partKey(key: string, number: number): string {
  const [, stem = key, extension = ''] = /^(.*?)(\.[^./]*)?$/s.exec(key) ?? [];
  return `${stem}~${String(number).padStart(DIGITS, '0')}${extension}`;
}

/** The file that a part belongs to; null for a key that is no part. */
function fileOfPart(key: string): string | null {
  const match = /^(.*)~\d{6}(\.[^./]*)?$/s.exec(key);
  return match === null ? null : `${match[1] ?? ''}${match[2] ?? ''}`;
}

/** Leaves out the parts of files that are there as a whole: they only wait for being removed. */
export function withoutSpentParts(keys: string[]): string[] {
  const parts = keys.filter((key) => fileOfPart(key) !== null);
  if (parts.length === 0) return keys;
  const all = new Set(keys);
  return keys.filter((key) => {
    const file = fileOfPart(key);
    return file === null || !all.has(file);
  });
}
