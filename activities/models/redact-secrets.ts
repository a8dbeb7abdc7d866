/** Shorter values are more likely to be ordinary words than secrets. */
const SHORTEST_SECRET = 8;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH/i;
export const REDACTED = '[redacted]';

const PATTERNS: [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${REDACTED}`],
  [/\b(?:sk|pk|rk|hf|gsk|xai|ghp|glpat)[-_][A-Za-z0-9_-]{8,}/g, REDACTED],
  [/([?&](?:api[-_]?key|key|token|access[-_]?token|sig|signature|secret|password|code)=)[^&\s"']+/gi, `$1${REDACTED}`],
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
    .flatMap(([, value]) => (value ?? '').split('|'))
    .concat(more)
    .map((value) => value.trim())
    .filter((value) => value.length >= SHORTEST_SECRET)
    // A secret that contains another goes first, else its rest would stay.
    .sort((first, second) => second.length - first.length);
  return (text) => {
    let clean = text;
    for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED);
    for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
    return clean;
  };
}
