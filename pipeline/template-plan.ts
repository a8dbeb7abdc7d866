/** A parsed template: literal text and variables in turn. */
export type Template = TemplatePart[];
export type TemplatePart = string | { variable: string };
