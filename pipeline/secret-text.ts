/** Keys whose values may be secrets. */
const SECRET_KEY = /(?:^|[_-])(?:token|password|secret|authorization|api[_-]?key|cookie)$/i;
const SECRET_ENTRY = /([\w-]+)["']?\s*:\s*(?!["']?\$)\S/g;

/** Whether a message must not repeat the value of this key. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key);
}

/** Whether a line of YAML gives such a key a value that is not the name of an environment variable. */
export function holdsSecret(line: string): boolean {
  return (
    [...line.matchAll(SECRET_ENTRY)].some((match) => isSecretKey(match[1]!)) || /:\/\/[^/\s:@]+:[^/\s@]+@/.test(line)
  );
}
