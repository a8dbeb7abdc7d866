/** A small model seldom stops by itself: what it was cut off in is left out. */
export function wholeSentences(_config: unknown, { told }: { told: string }): { story: string } {
  const text = told.replace(/\s+/g, ' ').trim();
  const end = /^.*[.!?]["”']?(?=\s|$)/.exec(text);
  return { story: end === null ? text : end[0] };
}
