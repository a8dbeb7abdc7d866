import { SyngraphError } from '../../pipeline/errors.ts';

/** SyGra's short flags of more than one letter, which no option parser takes as one flag. */
const LONG_OF_SHORT: Record<string, string> = {
  '-si': '--start-index',
  '-od': '--output-dir',
  '-rn': '--run-id',
  '-ci': '--checkpoint-interval',
  '-cl': '--clear-logs',
  '-owt': '--output-with-ts',
  '-ra': '--run-args',
  '-ost': '--oasst',
  '-dm': '--disable-metadata',
  '-d': '--debug',
  '-q': '--quality',
};

const LONG_OF_LONG: Record<string, string> = { '--run-name': '--run-id' };

/** Flags that SyGra wants a True or False after, and ours do not. */
const SWITCHES = new Set(['--resume', '-r', '--dry-run', '--detach', '--json', '--fresh']);

/** SyGra's flags that have nothing to do here; `takesValue` where the next word is theirs. */
const WITHOUT_EFFECT: Record<string, { takesValue: boolean; why: string }> = {
  '--checkpoint-interval': { takesValue: true, why: 'every answer is kept as soon as it arrives' },
  '--debug': { takesValue: false, why: 'the log in the store holds the details of every run' },
  '--clear-logs': { takesValue: false, why: 'logs are rotated by size' },
  '--output-with-ts': { takesValue: false, why: 'the run id in the name of the output says when it was made' },
};

/** Flags that take a True or False, and mean True where there is none. */
const TRUTHS = new Set(['--oasst', '--quality', '--disable-metadata']);

const NOT_SUPPORTED = new Set(['--run-args']);

export interface NormalisedArguments {
  words: string[];
  /** What the user should know about flags that were accepted without effect. */
  notes: string[];
}

/**
 * Rewrites SyGra's spellings into ours: `--num_records 5`, `-si 3`, `--resume True`, and a command
 * line without a command (`--task examples.foo`), which means `run`. What is ours already stays as
 * it is; nothing after `--` is touched.
 * @throws SyngraphError USAGE for flags of SyGra that would change the dataset and are not supported
 */
export function normaliseArguments(commandLine: readonly string[]): NormalisedArguments {
  const words: string[] = [];
  const notes: string[] = [];
  // An optional value would swallow the word behind it, which is the task: such flags go to the end.
  const last: string[] = [];
  const end = commandLine.includes('--') ? commandLine.indexOf('--') : commandLine.length;
  for (let index = 0; index < end; index += 1) {
    const word = commandLine[index]!;
    const { flag, value } = readFlag(word);
    if (flag === null) {
      words.push(word);
      continue;
    }
    const next = index + 1 < end ? commandLine[index + 1]! : undefined;
    const truth = value ?? next;
    const isSwitch = SWITCHES.has(flag) || TRUTHS.has(flag) || NOT_SUPPORTED.has(flag) || WITHOUT_EFFECT[flag]?.takesValue === false;
    const saysTruth = isSwitch && truth !== undefined && /^(true|false)$/i.test(truth);
    const isOff = saysTruth && truth.toLowerCase() === 'false';
    if (saysTruth && value === null) index += 1;
    if (TRUTHS.has(flag)) {
      words.push(`${flag}=${saysTruth || value === null ? !isOff : value}`);
      continue;
    }
    if (isOff) continue;
    if (NOT_SUPPORTED.has(flag)) throw notSupported(flag);
    const ignored = WITHOUT_EFFECT[flag];
    if (ignored !== undefined) {
      if (ignored.takesValue && value === null) index += 1;
      notes.push(`${flag} has no effect: ${ignored.why}.`);
    } else if (saysTruth) (isResume(flag) ? last : words).push(flag);
    else words.push(value === null ? flag : `${flag}=${value}`);
  }

  return { words: [...(startsWithFlag(words) && namesTask(words) ? ['run'] : []), ...words, ...last, ...commandLine.slice(end)], notes };
}

/** The flag in its long, dashed form, and what follows its `=`; null for a word that is no flag. */
function readFlag(word: string): { flag: string | null; value: string | null } {
  if (!/^-{1,2}[A-Za-z]/.test(word)) return { flag: null, value: null };
  const equals = word.indexOf('=');
  const name = equals === -1 ? word : word.slice(0, equals);
  const value = equals === -1 ? null : word.slice(equals + 1);
  const dashed = name.startsWith('--') ? name.replaceAll('_', '-') : name;
  return { flag: LONG_OF_SHORT[dashed] ?? LONG_OF_LONG[dashed] ?? dashed, value };
}

function isResume(flag: string): boolean {
  return flag === '--resume' || flag === '-r';
}

function startsWithFlag(words: string[]): boolean {
  return words[0]?.startsWith('-') === true;
}

function namesTask(words: string[]): boolean {
  return words.some((word) => word === '-t' || word === '--task' || word.startsWith('--task='));
}

function notSupported(flag: string): SyngraphError {
  return new SyngraphError({
    code: 'USAGE',
    message: `${flag} of SyGra is not supported yet`,
    nextStep: `Leave ${flag} out; it would change what is written, so it is not ignored.`,
  });
}
