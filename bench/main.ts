import { printFigures, type Figure } from './harness/report.ts';

/** `npm run bench`, or `npm run bench -- SCENARIO …`; each prints its figures beside what is required. */
const SCENARIOS: Record<string, () => Promise<Figure[]>> = {
  paper: async () => (await import('./scenarios/paper.ts')).paper(),
  'paper-1s': async () => (await import('./scenarios/paper.ts')).paper({ latencyMilliseconds: 1000 }),
  start: async () => (await import('./scenarios/start.ts')).start(),
  events: async () => (await import('./scenarios/events.ts')).events(),
  memory: async () => (await import('./scenarios/memory.ts')).memory(),
  kill: async () => (await import('./scenarios/kill.ts')).kill(),
  'agent-kill': async () => (await import('./scenarios/agent-kill.ts')).agentKill(),
  takeover: async () => (await import('./scenarios/takeover.ts')).takeover(),
  'server-kill': async () => (await import('./scenarios/server-kill.ts')).serverKill(),
  flaky: async () => (await import('./scenarios/flaky.ts')).flaky(),
  'bad-key': async () => (await import('./scenarios/bad-key.ts')).badKey(),
  poison: async () => (await import('./scenarios/poison.ts')).poison(),
  overload: async () => (await import('./scenarios/overload.ts')).overload(),
  reuse: async () => (await import('./scenarios/reuse.ts')).reuse(),
  retry: async () => (await import('./scenarios/retry.ts')).retry(),
  outage: async () => (await import('./scenarios/outage.ts')).outage(),
  'many-workers': async () => (await import('./scenarios/many-workers.ts')).manyWorkers(),
  'many-workers-small': async () => (await import('./scenarios/many-workers.ts')).manyWorkers({ records: 1_000, leastKills: 3, secondsBetweenKills: 5 }),
  'shared-rate': async () => (await import('./scenarios/shared-rate.ts')).sharedRate(),
  'shared-rate-small': async () => (await import('./scenarios/shared-rate.ts')).sharedRate({ records: 300 }),
  'two-runs': async () => (await import('./scenarios/two-runs.ts')).twoRuns(),
  'kill-waiting': async () => (await import('./scenarios/kill-waiting.ts')).killWaiting(),
  schedule: async () => (await import('./scenarios/schedule.ts')).schedule(),
  postgresql: async () => (await import('./scenarios/postgresql.ts')).postgresql(),
  'postgresql-small': async () => (await import('./scenarios/postgresql.ts')).postgresql({ records: 500 }),
  subgraphs: async () => (await import('./scenarios/subgraphs.ts')).subgraphs(),
  deduplicate: async () => (await import('./scenarios/deduplicate.ts')).deduplicate(),
  'large-images': async () => (await import('./scenarios/large-images.ts')).largeImages(),
  quality: async () => (await import('./scenarios/quality.ts')).quality(),
  'quality-kill': async () => (await import('./scenarios/quality-kill.ts')).qualityKill(),
  'structured-output': async () => (await import('./scenarios/structured-output.ts')).structuredOutput(),
  'odd-answers': async () => (await import('./scenarios/odd-answers.ts')).oddAnswers(),
  'sygra-compile': async () => (await import('./scenarios/sygra-compile.ts')).sygraCompile(),
  'sygra-tasks': async () => (await import('./scenarios/sygra-tasks.ts')).sygraTasks(),
  'local-model': async () => (await import('./scenarios/local-model.ts')).localModel(),
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
