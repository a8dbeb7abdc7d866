import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stopEmbeddedServer } from '../../worker/server/ensure-server.ts';
import { commandOf, throughLoader } from '../support/command-of.ts';

/** Variables that would lead a command to somebody's real endpoint, server or store. */
const FOREIGN = /^(OPENAI_|AZURE_OPENAI_|SYGRA_|SYNGRAPH_|TEMPORAL_|HF_|OTEL_)/;

export interface CommandResult {
  exitCode: number | null;
  output: string;
  errors: string;
}

export interface RunningCommand {
  child: ChildProcess;
  /** Standard output so far. */
  output(): string;
  ended: Promise<CommandResult>;
}

/** An empty working directory in which the real command runs in processes of its own. */
export interface Workplace {
  folder: string;
  write(files: Record<string, string>): Promise<void>;
  start(words: string[], environment?: Record<string, string>): RunningCommand;
  /** Runs another program than the command itself in the same surroundings. */
  program(file: string, words: string[]): Promise<CommandResult>;
  syngraph(words: string[], environment?: Record<string, string>): Promise<CommandResult>;
  /** Ends the server that the commands have left behind, if they have. */
  remove(): Promise<void>;
}

export async function createWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'syngraph-cli-'));
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const port = String(10_000 + Math.floor(Math.random() * 20_000));

  function start(words: string[], environment: Record<string, string> = {}, program = commandOf()): RunningCommand {
    const child = spawn(process.execPath, [...program, ...words], {
      cwd: folder,
      env: { ...inherited, TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml', SYNGRAPH_TEMPORAL_PORT: port, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<CommandResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, output, errors }));
    });
    return { child, output: () => output, ended };
  }

  return {
    folder,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
    },
    start: (words, environment) => start(words, environment),
    program: (file, words) => start(words, {}, throughLoader(file)).ended,
    syngraph: (words, environment) => start(words, environment).ended,
    async remove() {
      await stopEmbeddedServer(join(folder, '.syngraph'));
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** One llm node over `count` records `q0.`, `q1.` … */
export function questions(count: number): Record<string, string> {
  return {
    'quiz/graph_config.yaml': `data_config:
  source: { type: disk, file_path: in.jsonl }
graph_config:
  nodes:
    ask:
      node_type: llm
      model: { name: gpt, parameters: {} }
      prompt:
        - user: "Question {n}"
      output_keys: answer
  edges:
    - { from: START, to: ask }
    - { from: ask, to: END }
`,
    'quiz/in.jsonl': Array.from({ length: count }, (_, index) => `${JSON.stringify({ n: `q${index}.` })}\n`).join(''),
  };
}
