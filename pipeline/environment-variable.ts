/** The name in `$NAME` or `${NAME}`; null where the text is anything else, perhaps a secret. */
export function readVariableName(text: string): string | null {
  const match = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})$/.exec(text.trim());
  return match?.[1] ?? match?.[2] ?? null;
}
