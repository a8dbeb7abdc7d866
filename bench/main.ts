import { printFigures, type Figure } from './harness/report.ts';

/** `npm run bench`, or `npm run bench -- SCENARIO …`; each prints its figures beside what is required. */
const SCENARIOS: Record<string, () => Promise<Figure[]>> = {
  paper: async () => (await import('./scenarios/paper.ts')).paper(),
  'paper-1s': async () => (await import('./scenarios/paper.ts')).paper({ latencyMilliseconds: 1000 }),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => SCENARIOS[name] === undefined && name !== 'all');
if (unknown.length > 0) {
  console.error(`There is no scenario ${unknown.join(', ')}; there are: all, ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}
const names = chosen.includes('all') ? Object.keys(SCENARIOS) : chosen.length === 0 ? ['paper'] : chosen;
let missed = 0;
for (const name of names) {
  const figures = (await SCENARIOS[name]?.()) ?? [];
  printFigures(name, figures);
  missed += figures.filter((row) => !row.met).length;
}
process.exitCode = missed === 0 ? 0 : 1;
