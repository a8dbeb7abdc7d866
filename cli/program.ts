import { Command, Option } from 'commander';
import { packageVersion } from '../activities/package-version.ts';
import { deadline, dollars, duration, orNone, share, truth, wholeNumber } from './options/parse-number.ts';
import { byteSize } from './options/parse-size.ts';
import type { CommandModule } from './command-module.ts';

/** Runs a command's module, which is loaded only now: `--version` need not wait for Temporal's SDK. */
export type Dispatch = (load: () => Promise<CommandModule>, command: Command) => Promise<void>;

/** The commands of `syngraph` with their flags, help and suggestions. */
export function createProgram(dispatch: Dispatch): Command {
  const program = new Command('syngraph')
    .description('Runs YAML graphs of model calls on Temporal and writes datasets.')
    .version(packageVersion(), '-V, --version')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError('(syngraph --help lists commands and flags)')
    // A command and its parent may have a flag of the same name: what follows a command is its own.
    .enablePositionalOptions()
    .exitOverride();

  /** A command with the flags that all have; what the module exports does the work. */
  const commandOf = (parent: Command) => (signature: string, description: string, load: () => Promise<CommandModule>): Command => {
    const added: Command = parent
      .command(signature)
      .description(description)
      .option('--store <place>', 'folder or s3://bucket/prefix of plans, journals and runs (default: SYNGRAPH_STORE, then .syngraph)')
      .option('--json', 'write one JSON value to standard output and nothing else')
      // Flags and messages of the parent hold for its commands too.
      .copyInheritedSettings(program)
      .showHelpAfterError(`(${[...(parent === program ? [] : [parent.name()]), signature.split(' ')[0]].reduce((words, word) => `${words} ${word}`, 'syngraph')} --help shows its flags)`)
      .action(async () => dispatch(load, added));
    return added;
  };
  const command = commandOf(program);

  addRunFlags(withTask(command('run [task]', 'run a pipeline and write its dataset', () => import('./commands/run.ts'))));
  withTask(command('validate [task]', 'check a pipeline without running it', () => import('./commands/validate.ts')));
  withTask(command('compat [task]', 'tell what of a SyGra task runs as it is', () => import('./commands/compat.ts')))
    .option('--write', 'write the skeleton of the helpers that are missing in TypeScript');
  withTask(command('graph [task]', 'print the graph as Mermaid text', () => import('./commands/graph.ts')));
  withTask(command('preview [task]', 'run a few records and show each node’s input and answer', () => import('./commands/preview.ts')))
    .option('-n, --num-records <number>', 'records to run', wholeNumber(1, 1000), 3)
    .option('--start-index <number>', 'source records to leave out at the beginning', wholeNumber(0))
    .option('--seed <number>', 'another seed is another dataset', wholeNumber(0))
    .option('--fresh', 'ask again instead of reusing answers of earlier runs');
  withTask(command('estimate [task]', 'tell what a run will cost and how long it will take, by a few records', () => import('./commands/estimate.ts')))
    .option('-n, --num-records <number>', 'records of the run that is estimated (default: all of the source)', wholeNumber(1))
    .option('--start-index <number>', 'source records to leave out at the beginning', wholeNumber(0))
    .option('--concurrency <number>', 'model calls in flight of the run that is estimated (default: 128)', wholeNumber(1, 100_000))
    .option('--seed <number>', 'seed of the run that is estimated', wholeNumber(0))
    .option('--fresh', 'ask again instead of reusing answers of earlier runs');
  command('init [folder]', 'make a new task folder that runs as it is', () => import('./commands/init.ts'));
  command('up', 'start a Temporal server and a worker and keep them running', () => import('./commands/up.ts'));
  command('down', 'stop what `up` started', () => import('./commands/down.ts'));
  command('worker', 'serve pipelines until stopped', () => import('./commands/worker.ts'))
    .option('--task-root <folder...>', 'folders whose tasks may be run by path (default: the working directory)')
    .option('--metrics-port <number>', 'serve metrics for Prometheus on this port (default: none)', wholeNumber(1, 65_535))
    .option('--metrics-host <address>', 'IP address to serve them on (default: 127.0.0.1)')
    .addOption(new Option('--daemon').hideHelp());
  const quality = addRunFlags(command('quality <dataset>', 'tag the records of a file or a Hugging Face dataset by quality rules', () => import('./commands/quality.ts')))
    .addOption(new Option('--mode <mode>', 'filter: rejected records go to a file of their own (default); tag: all stay together').choices(['filter', 'tag']))
    .option('--rules <file>', 'YAML or JSON file with the rules, as a quality node has them')
    .option('--messages <key>', 'column of the conversation (default: it is looked for)')
    .option('--judge <model>', 'model that judges the records which pass the rules (default: nobody judges)')
    .option('--sygra-metadata', 'write SyGra’s data_quality_metadata as well')
    .option('--models <file>', 'models.yaml to use (default: config/models.yaml)')
    .option('--split <name>', 'split of a Hugging Face dataset (default: train)')
    .option('--config-name <name>', 'configuration of a Hugging Face dataset')
    .enablePositionalOptions();
  commandOf(quality)('report <file...>', 'show what quality tagging has found, in the terminal or as a page', () => import('./commands/quality-report.ts'))
    .option('--html <file>', 'write a page that stands alone')
    .option('--rules <file>', 'rules whose thresholds are shown (default: those of a quality node)')
    .option('--diversity [texts]', 'measure how diverse a sample is by embeddings (default: 1000 texts)', wholeNumber(2, 10_000))
    .option('--embedding-model <model>', 'folder or name of the embedding model')
    .option('--into <key>', 'key of the records that has the tags (default: metadata)')
    .option('--seed <number>', 'another seed shows other examples', wholeNumber(0));
  command('list', 'list the runs of this store', () => import('./commands/list.ts')).option('--all', 'previews too');
  command('status <run>', 'show how a run stands', () => import('./commands/status.ts'));
  const schedule = command('schedule', 'run a pipeline whenever it is due', () => import('./commands/schedule-list.ts')).enablePositionalOptions();
  const scheduled = commandOf(schedule);
  addDatasetFlags(withTask(scheduled('create [task]', 'make a schedule', () => import('./commands/schedule-create.ts'))))
    .requiredOption('--cron <expression...>', 'when runs are due, e.g. "0 2 * * *"')
    .option('--time-zone <name>', 'zone of the cron expression, e.g. Europe/Berlin (default: that of this machine)')
    .option('--id <id>', 'name of the schedule (default: that of the pipeline)')
    .addOption(new Option('--overlap <policy>', 'what becomes of a run that is due while the one before is going (default: skip)').choices(['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'allow-all']))
    .option('--catch-up <duration>', 'make up for runs that were due while no server was there, if not older than this (default: 1h)')
    .option('--paused', 'start no run before `schedule unpause`')
    .option('--recompile', 'compile the task anew for each run (default: as it is now)');
  scheduled('list', 'list the schedules', () => import('./commands/schedule-list.ts'));
  const scheduleControl = () => import('./commands/schedule-control.ts');
  scheduled('describe <id>', 'show a schedule, its next runs and its latest ones', async () => (await scheduleControl()).describe);
  scheduled('pause <id>', 'start no further runs', async () => (await scheduleControl()).pause);
  scheduled('unpause <id>', 'let runs start again', async () => (await scheduleControl()).unpause);
  scheduled('trigger <id>', 'start a run now', async () => (await scheduleControl()).trigger);
  scheduled('delete <id>', 'delete a schedule; its runs stay', async () => (await scheduleControl()).remove);
  command('cancel <run>', 'cancel a run; what is finished is written', () => import('./commands/cancel.ts'));
  command('export <run>', 'write what a run has so far', () => import('./commands/export.ts'))
    .option('--output <file>', 'file to write; its extension says whether as JSON lines, JSON, CSV or Parquet (default: output/<pipeline>-<run>.so-far.jsonl)');
  command('pause <run>', 'let a run’s calls in flight come back, and start no more', () => import('./commands/pause.ts')).option('--reason <text>', 'shown to whoever looks at the run');
  command('resume <run>', 'let a paused run go on', () => import('./commands/resume.ts'));
  addCapFlags(command('set <run>', 'change the limits of a run while it goes', () => import('./commands/set.ts')), 'none takes it away')
    .option('--model <name>', 'the model whose limits are meant (default: the run as a whole)')
    .option('--concurrency <number>', 'calls in flight, in each worker; none: as it was', orNone(wholeNumber(1, 100_000)))
    .option('--priority <number>', '1 to 5, 1 before all other runs; none: 3', orNone(wholeNumber(1, 5)))
    .option('--requests-per-minute <number>', 'calls a minute, over all workers; none: as it was', orNone(wholeNumber(1)))
    .option('--tokens-per-minute <number>', 'tokens a minute, over all workers; none: as it was', orNone(wholeNumber(1)));
  command('failed <run>', 'show the failed records of a run by node and cause', () => import('./commands/failed.ts'))
    .option('--limit <number>', 'records to show of each group (default: 1)', wholeNumber(1))
    .option('--show <id>', 'show one record in full');
  command('retry <run>', 'run the failed records of a run again, and bring them into its output', () => import('./commands/retry.ts'))
    .option('--node <name>', 'only records that failed in this node')
    .option('--error <type>', 'only records that failed with this error, e.g. MODEL_REJECTED')
    .option('--ids <id...>', 'only these records')
    .option('--plan <task>', 'a mended pipeline (default: the one that was used last for the run)')
    .option('--models <file>', 'models.yaml to use with it')
    .addOption(new Option('--from <place>', 'start: reusing the answers that there are (default); node: at the node that they failed in').choices(['start', 'node']))
    .option('--concurrency <number>', 'model calls in flight (default: as in the run)', wholeNumber(1, 100_000))
    .option('--priority <number>', '1 to 5: calls of a run wait while one of a smaller number has some (default: 3)', wholeNumber(1, 5))
    .option('-b, --batch-size <number>', 'records of a batch (default: follows their number)', wholeNumber(1, 10_000))
    .option('--fresh', 'ask again instead of reusing answers of earlier runs');
  command('show <run> <record>', 'show every step of one record, with prompts and answers', () => import('./commands/show.ts'));
  command('report <run>', 'show what a run was and did: calls, tokens, latency, cost, failures', () => import('./commands/report.ts'))
    .option('--html <file>', 'write it as a page with charts, too');
  command('review <run>', 'show and decide on the records that wait at human_review nodes', () => import('./commands/review.ts'))
    .option('--list', 'show the records that wait (as without any decision)')
    .option('--limit <number>', 'records to show (default: 10)', wholeNumber(1))
    .option('--node <name>', 'only records at this node')
    .option('--approve <id...>', 'approve records; all means those that are not named otherwise')
    .option('--reject <id...>', 'reject records; all means those that are not named otherwise')
    .option('--edit <id key=value...>', 'approve a record with changed keys; values are JSON or text')
    .option('--comment <text>', 'kept with each decision, and shown where a rejected record has failed')
    .option('--reviewer <name>', 'who decides (default: USER)');
  command('convert <input>', 'write a dataset in a format that trainers read', () => import('./commands/convert.ts'))
    .requiredOption('--to <format>', 'oasst-sft, oasst-dpo, sharegpt, openai, alpaca, trl-messages or trl-preference')
    .option('--output <file>', 'file to write; its extension says whether as JSON lines, JSON, CSV or Parquet')
    .option('--split <name>', 'of a dataset on the Hugging Face Hub (default: train)')
    .option('--config-name <name>', 'of a dataset on the Hugging Face Hub');
  command('select <dataset>', 'take part of a dataset, by condition, rank or chance, in the order that is wanted', () => import('./commands/select.ts'))
    .option('--where <condition>', 'only records that meet it, e.g. accuracy >= 4 and language.detected == "en"')
    .option('--size <number>', 'records to draw at random', wholeNumber(1))
    .option('--top <number>', 'records to take that are the best by --by', wholeNumber(1))
    .option('--by <field>', 'number that the best have the highest of')
    .option('--lowest', 'the best have the lowest')
    .option('--weight <field>', 'number that makes a record more likely to be drawn')
    .option('--stratify <field>', 'draw as evenly as can be from each of its values')
    .option('--per <number>', 'records of each stratum', wholeNumber(1))
    .option('--order-by <field>', 'number that the output is ordered by, lowest first, e.g. difficulty')
    .option('--descending', 'highest first')
    .option('--mix <file>', 'dataset to mix in')
    .option('--ratio <share>', 'share of the mixed records in the output', share)
    .option('--provenance <key>', 'key that takes the file and the number of each record')
    .option('--into <key>', 'key of the records that has the quality tags (default: metadata)')
    .option('--output <file>', 'file to write; its extension says whether as JSON lines, JSON, CSV or Parquet')
    .option('--seed <number>', 'another seed draws other records', wholeNumber(0))
    .option('--split <name>', 'of a dataset on the Hugging Face Hub (default: train)')
    .option('--config-name <name>', 'of a dataset on the Hugging Face Hub');
  command('compare <run> <other>', 'show counts, costs, latencies, quality and rows of two runs side by side', () => import('./commands/compare.ts'))
    .option('--examples <number>', 'source records to show whose rows differ (default: 3)', wholeNumber(0, 100))
    .option('--html <file>', 'write it as a page, too');
  command('clean [run...]', 'remove runs that are no longer wanted, and what only they used', () => import('./commands/clean.ts'))
    .option('--older-than <duration>', 'ended runs that nothing was written to for so long, e.g. 30d', duration)
    .option('--keep-size <size>', 'the oldest ended runs, until the rest is no larger, e.g. 10GB', byteSize)
    .option('--unfinished', 'unfinished runs too, which could be resumed otherwise')
    .option('--cache', 'downloaded models and programs of this machine, too; with --older-than only old ones')
    .option('--yes', 'do it (default: show what would be done)');
  command('codec', 'decrypt payloads for Temporal’s Web UI and CLI', () => import('./commands/codec.ts'))
    .option('--port <number>', 'port to listen on (default: 8081)', wholeNumber(0, 65_535))
    .option('--host <address>', 'address to listen on; another than loopback needs SYNGRAPH_CODEC_TOKEN', '127.0.0.1')
    .option('--no-token', 'answer without SYNGRAPH_CODEC_TOKEN all the same: whoever reaches the port can decrypt, as in a container whose port is published on loopback')
    .option('--ui-origin <origin...>', 'Web UIs that may ask (default: http://localhost:8233 http://127.0.0.1:8233)');
  addFakeModelFlags(command('fake-model', 'serve a scriptable model for dry runs and tests', () => import('./commands/fake-model.ts')));
  command('schema', 'print the JSON Schema of the pipeline file', () => import('./commands/schema.ts'));
  return program;
}

function withTask(command: Command): Command {
  return command
    .option('-t, --task <task>', 'the task, where it is not given as an argument')
    .option('--models <file>', 'models.yaml to use (default: the task’s, then config/models.yaml)');
}

function addRunFlags(command: Command): Command {
  return addDatasetFlags(command)
    .option('--run-id <id>', 'name of the run (default: date, time and four letters)')
    .option('-r, --resume [run]', 'go on with a run (default: the latest unfinished one of the pipeline)')
    .option('--dry-run', 'show what would be done, without any call')
    .option('--no-worker', 'watch the run, but leave its work to `syngraph worker` processes that run elsewhere')
    .option('--detach', 'leave the run to the worker that `syngraph up` keeps running');
}

/** What a run may be asked for, whether it starts now or whenever it is due. */
function addDatasetFlags(command: Command): Command {
  return addCapFlags(command, 'default: it does not')
    .option('-n, --num-records <number>', 'records to run (default: all; 10 where there is no source)', wholeNumber(1))
    .option('--start-index <number>', 'source records to leave out at the beginning', wholeNumber(0))
    .option('--concurrency <number>', 'model calls in flight (default: 128)', wholeNumber(1, 100_000))
    .option('-b, --batch-size <number>', 'records of a batch (default: follows the size of the run)', wholeNumber(1, 10_000))
    .option('--output-dir <folder>', 'folder of the output')
    .option('--output <file>', 'output file; its extension decides the format')
    .option('--seed <number>', 'another seed is another dataset', wholeNumber(0))
    .option('--fresh', 'ask again instead of reusing answers of earlier runs')
    .option('--failure-share <share>', 'share of failed records among the last 200 that pauses the run (default: 0.5)', share)
    .option('--oasst <True|False>', 'write the rows as OASST rows (default: as oasst_mapper says)', truth)
    .option('--quality <True|False>', 'tag the output by the quality rules afterwards (default: as data_quality says)', truth)
    .option('--disable-metadata <True|False>', 'write no metadata beside the output; the store keeps them all the same (default: SYGRA_DISABLE_METADATA)', truth)
    .option('--new-only', 'only source records that no earlier run of the pipeline has finished');
}

/** Where a run stops of itself. */
function addCapFlags(command: Command, remark: string): Command {
  return command
    .option('--budget <dollars>', `stop when answers have cost so much (${remark})`, orNone(dollars))
    .option('--max-tokens-total <number>', `stop when so many tokens are used (${remark})`, orNone(wholeNumber(1)))
    .option('--deadline <time>', `stop then: a time, or a duration such as 6h (${remark})`, orNone(deadline));
}

function addFakeModelFlags(command: Command): void {
  command
    .option('--port <number>', 'port to listen on (default: any free one)', wholeNumber(0, 65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--latency <milliseconds>', 'time until an answer; `50-200` draws from a range')
    .option('--failure-rate <share>', 'share of calls that fail at random', share)
    .option('--seed <number>', 'seed of latencies and failures', wholeNumber(0))
    .option('--max-in-flight <number>', 'calls beyond this many at once get a 429', wholeNumber(1))
    .option('--require-key <key>', 'calls without this bearer token get a 401')
    .option('--answer <text>', 'template of the answers: {prompt}, {words}, {hash}')
    .option('--script <file>', 'JSON file with everything that the server can do (failures, rules, answers)');
}
