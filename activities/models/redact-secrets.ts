/** Shorter values are more likely to be ordinary words than secrets. */
const SHORTEST_SECRET = 8;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i;
export const REDACTED = '[redacted]';

/** Keys and signatures in urls, those of S3, Google Cloud Storage and Azure among them; `&amp;` is how HTML writes it. */
const QUERY_SECRET = /((?:[?&]|&amp;|\\u0026)(?:[\w.-]*(?:signature|credential|token|secret|passw(?:or)?d|api[-_]?key|access[-_]?key|auth)|key|sig|pwd|code)=)[^&\s"'<>\\)\]]+/gi;

const PATTERNS: [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${REDACTED}`],
  [/\b(?:sk|pk|rk|hf|gsk|xai|ghp|glpat)[-_][A-Za-z0-9_-]{8,}/g, REDACTED],
  [QUERY_SECRET, `$1${REDACTED}`],
  [/("?(?:api[-_]key|authorization|x-api-key)"?\s*[:=]\s*"?)(?!\[redacted\])[^\s"',;}]+/gi, `$1${REDACTED}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/gi, `$1${REDACTED}@`],
];

/**
 * Replaces in a text every value of the environment variables whose names speak of keys, tokens,
 * secrets or passwords, and whatever looks like a credential: bearer tokens, `sk-…` keys, keys in
 * query strings, passwords in urls.
 */
export function redactSecrets(text: string, environment: NodeJS.ProcessEnv): string {
  return createRedactor(environment)(text);
}

/** The same for many texts: the environment is read once. `more` are further secrets, such as keys from elsewhere. */
export function createRedactor(environment: NodeJS.ProcessEnv, more: string[] = []): (text: string) => string {
  const secrets = Object.entries(environment)
    .filter(([name]) => SECRET_NAME.test(name))
    // One variable may hold the tokens of several endpoints.
    .flatMap(([name, value]) => (value ?? '').split(name.startsWith('SYNGRAPH_CODEC_KEYS') ? /[\s,:]+/ : '|'))
    .concat(more, passwordsOfUrls(environment))
    .map((value) => value.trim())
    .filter((value) => value.length >= SHORTEST_SECRET)
    .flatMap(spellings)
    // A secret that contains another goes first, else its rest would stay.
    .sort((first, second) => second.length - first.length);
  return (text) => {
    let clean = text;
    for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  };
}

/** In variables of any name, e.g. that of a database or a proxy. */
function passwordsOfUrls(environment: NodeJS.ProcessEnv): string[] {
  return Object.values(environment).flatMap((value) => /:\/\/[^\s/@:]*:([^\s/@]+)@/.exec(value ?? '')?.[1] ?? []);
}

/** A secret as it stands in JSON and in a url, besides itself. */
function spellings(secret: string): string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), inUrl(secret)])];
}

function inUrl(secret: string): string {
  // A lone surrogate has no spelling in a url.
  return /\p{Surrogate}/u.test(secret) ? secret : encodeURIComponent(secret);
}
