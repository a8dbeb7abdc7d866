/** `min_turns` of the file is `minTurns` of the plan; a null stands for the default, as everywhere in the file. */
export function settingsOf(config: object): Record<string, unknown> {
  const given = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([key, value]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]));
}
