import type { YAMLError } from 'yaml';
import type { Diagnostic } from './diagnostics.ts';
import type { YamlSource } from './yaml-source.ts';

/** What the parser has to say, in the words of somebody who writes YAML, at the place that is to be mended. */
export function syntaxDiagnostic(source: YamlSource, error: YAMLError): Diagnostic {
  const said = error.message.split('\n')[0]!.replace(/[.:]$/, '');
  const bracket = /^Flow (?:sequence|map) in block collection .* end with a (.)$/.exec(said)?.[1];
  if (bracket !== undefined) return unclosedBracket(source, { closing: bracket, noticed: error.pos[0] });
  const quote = /^Missing closing (["'])quote$/.exec(said)?.[1];
  if (quote !== undefined) return unclosedQuote(source, { quote, noticed: error.pos[0] });
  const hint = SYNTAX_HINTS[error.code];
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: `This is not valid YAML: ${(said.startsWith('A block sequence') ? 'a list cannot stand beside keys' : SYNTAX_MESSAGES[error.code]) ?? said}`,
    file: source.file,
    ...source.position(error.pos[0], error.pos[1]),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The parser notices it where the next key begins; what has to be mended is where the bracket was opened. */
function unclosedBracket(source: YamlSource, { closing, noticed }: { closing: string; noticed: number }): Diagnostic {
  const opening = closing === ']' ? '[' : '{';
  const opened = lastUnclosed(source.text.slice(0, noticed), { opening, closing }) ?? noticed;
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: `This is not valid YAML: the "${opening}" here is never closed`,
    file: source.file,
    ...source.position(opened, opened + 1),
    hint: `Add the missing "${closing}", or put the text in quotes if the bracket belongs to it.`,
  };
}

function unclosedQuote(source: YamlSource, { quote, noticed }: { quote: string; noticed: number }): Diagnostic {
  const opened = Math.max(0, source.text.lastIndexOf(quote, noticed));
  return {
    code: 'YAML_SYNTAX',
    severity: 'error',
    message: 'This is not valid YAML: the quote that is opened here is never closed',
    file: source.file,
    ...source.position(opened, opened + 1),
    hint: `Add the missing ${quote} at the end of the text.`,
  };
}

/** Where the innermost bracket opens that is still open at the end; brackets in quotes count too, which is rare enough. */
function lastUnclosed(text: string, { opening, closing }: { opening: string; closing: string }): number | null {
  let depth = 0;
  for (let offset = text.length - 1; offset >= 0; offset -= 1) {
    if (text[offset] === closing) depth += 1;
    if (text[offset] !== opening) continue;
    if (depth === 0) return offset;
    depth -= 1;
  }
  return null;
}

/** What the parser says in the words of its grammar. */
const SYNTAX_MESSAGES: Partial<Record<YAMLError['code'], string>> = {
  MULTIPLE_DOCS: 'a second document begins here',
  BLOCK_AS_IMPLICIT_KEY: 'a value cannot hold another key here',
  BLOCK_IN_FLOW: 'a list or mapping within brackets must have brackets of its own',
  MULTILINE_IMPLICIT_KEY: 'this is neither a key with its ":" nor a value',
  BAD_INDENT: 'this key stands in another column than its neighbours',
  TAB_AS_INDENT: 'this line is indented with a tab',
  BAD_SCALAR_START: 'a text cannot begin with this character unless it stands in quotes',
};

const SYNTAX_HINTS: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'Indent with blanks instead of tabs.',
  BAD_INDENT: 'Give all keys of one mapping the same indentation.',
  MISSING_CHAR: 'Check what begins on this line and the one before.',
  BAD_SCALAR_START: 'Put the value in quotes.',
  UNEXPECTED_TOKEN: 'Check brackets, quotes and colons on this line and the one before.',
  MULTILINE_IMPLICIT_KEY: 'Add the missing ":", or indent the lines that belong to the text before.',
  MULTIPLE_DOCS: 'A pipeline is one document: remove the line that says ---.',
  BLOCK_AS_IMPLICIT_KEY: 'A text with ": " in it must stand in quotes; a list belongs below a key of its own.',
};
