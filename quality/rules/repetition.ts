import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { repeatedNgrams } from '../repeated-ngrams.ts';
import { percent, type QualityRule } from '../rule.ts';

type Settings = QualityRuleSettings['repetition'];

/** Fewer lines or turns than this repeat by chance. */
const FEWEST_LINES = 4;
const FEWEST_TURNS = 4;

interface Measured {
  name: string;
  share: number;
  limit: number;
}

/**
 * Beyond the paper: Gopher's rules against loops (Rae et al. 2021, table A1), for each message
 * alone, as answers often quote their question. Rejects where the share of duplicate lines is above
 * 0.30 or that of their characters above 0.20; where the most frequent 2-, 3- or 4-gram makes up more
 * than 0.20, 0.18 or 0.16 of a message, or repeated 5- to 10-grams more than 0.15 down to 0.10; and,
 * ours, where more than 0.30 of the turns say what a turn of the same role has said before.
 * Punctuation that the source counts among the characters is left out.
 */
export const repetition: QualityRule<Settings> = (view, settings) => {
  const worst = new Map<string, Measured>();
  const add = (measured: Measured): void => {
    const before = worst.get(measured.name);
    if (before === undefined || measured.share > before.share) worst.set(measured.name, measured);
  };
  for (const { text } of view.turns) addLines(text, settings, add);
  for (const words of view.turnWords) addNgrams(words, settings, add);
  add({ name: 'duplicate_turns', share: duplicateTurns(view.turns), limit: settings.duplicateTurns });
  const excess = [...worst.values()].find(({ share, limit }) => share > limit);
  return {
    tags: { repetition: Object.fromEntries([...worst.values()].map(({ name, share }) => [name, share])) },
    reject: excess === undefined ? null : `${excess.name} is ${percent(excess.share)}, above ${percent(excess.limit)}`,
  };
};

function addLines(text: string, settings: Settings, add: (measured: Measured) => void): void {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => /[\p{L}\p{N}]/u.test(line));
  const repeated = lines.length < FEWEST_LINES ? [] : repeats(lines);
  const characters = (list: string[]): number => list.reduce((sum, line) => sum + line.length, 0);
  add({ name: 'duplicate_lines', share: ratio(repeated.length, lines.length), limit: settings.duplicateLines });
  add({ name: 'duplicate_line_characters', share: ratio(characters(repeated), characters(lines)), limit: settings.duplicateLineCharacters });
}

function addNgrams(words: readonly string[], { minWords, topNgrams, duplicateNgrams }: Settings, add: (measured: Measured) => void): void {
  if (words.length < minWords) return;
  const shares = repeatedNgrams(words, Math.max(0, ...[...Object.keys(topNgrams), ...Object.keys(duplicateNgrams)].map(Number)));
  for (const [size, limit] of Object.entries(topNgrams)) add({ name: `top_${size}_gram`, share: shares.get(Number(size))?.top ?? 0, limit });
  for (const [size, limit] of Object.entries(duplicateNgrams)) add({ name: `duplicate_${size}_grams`, share: shares.get(Number(size))?.duplicate ?? 0, limit });
}

function duplicateTurns(turns: readonly { role: string; text: string }[]): number {
  if (turns.length < FEWEST_TURNS) return 0;
  return ratio(repeats(turns.map(({ role, text }) => `${role} ${text.trim()}`)).length, turns.length);
}

/** All occurrences but the first. */
function repeats(texts: string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => seen.size === seen.add(text).size);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
