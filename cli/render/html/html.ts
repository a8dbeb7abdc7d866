/** Text that is HTML already. Only `html` makes it from data, and that escapes. */
export interface Html {
  readonly html: string;
}

type Part = Html | readonly Html[] | string | number | null | undefined;

/**
 * A template of HTML: what is put into it is escaped, unless it is HTML itself; null and undefined
 * are nothing. Values of attributes must stand in double quotes, and no value may stand in a tag's
 * name, a script, a style or an address.
 */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: texts.reduce((whole, text, index) => whole + textOf(parts[index - 1]) + text) };
}

function textOf(part: Part): string {
  if (part === null || part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escapeHtml(part);
  return 'html' in part ? part.html : part.map((each) => each.html).join('');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Fit for text and for attributes in quotes. Characters that turn the direction of writing or that no page may hold become `·`. */
export function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g, '·');
}
