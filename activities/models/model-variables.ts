/** `SYGRA_<MODEL>` with everything but letters and digits as `_`, so that any shell can set it. */
export function variablePrefix(modelName: string): string {
  return `SYGRA_${modelName.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** SyGra replaces blanks alone; a `.env` file can hold such names. */
function variablePrefixOfSygra(modelName: string): string {
  return `SYGRA_${modelName.toUpperCase().replaceAll(' ', '_')}`;
}

/** A variable of one model, e.g. `URL`; null where it is not set. */
export function readModelVariable(environment: NodeJS.ProcessEnv, modelName: string, suffix: string): string | null {
  for (const prefix of [variablePrefix(modelName), variablePrefixOfSygra(modelName)]) {
    const value = environment[`${prefix}_${suffix}`]?.trim() ?? '';
    if (value !== '') return value;
  }
  return null;
}
