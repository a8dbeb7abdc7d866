/** Between the alias of a source or sink and the name of its column. */
export const ALIAS_JOINER = '->';

/** Whether a prompt can name the columns of such an alias, and tell alias and column apart. */
export function isAlias(text: string): boolean {
  return !text.includes(ALIAS_JOINER) && !/[{}"\r\n]/.test(text) && text.trim() === text && text.length <= 60;
}
