import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { Connection } from '@temporalio/client';
import { visibleText } from '../worker/codec/history-text.ts';
import { createWorkplace, type CommandResult, type Workplace } from './workplace.ts';

/** None may be anywhere but where it was put. */
const SECRETS = {
  token: 'planted-token-0001',
  header: 'planted-header-0002',
  unused: 'planted-unused-0003',
  dotenv: 'planted-dotenv-0004',
  database: 'planted-database-0005',
  function: 'planted-function-0006',
};
/** Stand in prompts, which the model gets as they are: they may be in the data, and nowhere that people look when something fails. */
const IN_PROMPTS = { password: 'planted-password-0007', signature: 'planted0signature0008', sas: 'planted%2Fsas%2B0009', query: 'planted-query-0010' };
const PROMPT = `Describe https://me:${IN_PROMPTS.password}@files.example/a.png and https://b.s3.amazonaws.com/{n}.png?X-Amz-Expires=60&X-Amz-Signature=${IN_PROMPTS.signature} and {link}`;
const LINK = `https://a.blob.core.windows.net/c/x.png?sv=2024&sig=${IN_PROMPTS.sas}&access_token=${IN_PROMPTS.query}`;

const GRAPH = (step: string): string => `
data_config: { source: { type: disk, file_path: in.jsonl } }
graph_config:
  nodes:
    ask: { node_type: llm, model: { name: gpt }, prompt: [{ user: ${JSON.stringify(PROMPT)} }], output_keys: answer }
    look: { node_type: lambda, lambda: "./functions.ts#${step}", output_keys: looked }
  edges: [{ from: START, to: ask }, { from: ask, to: look }, { from: look, to: END }]
output_config: { output_map: { n: { from: n }, answer: { from: answer } } }
`;

describe('secrets', () => {
  let place: Workplace;
  let endpoint: Server;
  const prompts: string[] = [];
  const said: CommandResult[] = [];
  const environment = {
    SYGRA_GPT_TOKEN: SECRETS.token,
    PLANTED_HEADER_TOKEN: SECRETS.header,
    UNUSED_API_KEY: SECRETS.unused,
    DATABASE: `postgres://me:${SECRETS.database}@db/x`,
    FUNCTION_SECRET: SECRETS.function,
  };

  before(async () => {
    place = await createWorkplace();
    // An endpoint that tells the caller all that it was told, as some do in their errors.
    endpoint = createServer((request, response) => {
      void readText(request).then((body) => {
        const { messages = [] } = JSON.parse(body || '{}') as { messages?: { content: string }[] };
        const prompt = messages.at(-1)?.content ?? '';
        prompts.push(prompt);
        const isBad = prompt.includes('bad.png');
        const answer = isBad
          ? { error: { message: `refused: ${JSON.stringify(request.headers)} ${body}`, type: 'invalid_request_error' } }
          : { id: 'x', object: 'chat.completion', created: 0, model: 'gpt', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'A picture.' } }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
        response.writeHead(isBad ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    const functions = `
export const fine = (config, state) => { console.log('token ' + process.env.FUNCTION_SECRET, state.link); return { looked: true }; };
export const broken = (config, state) => { throw new Error('no access with ' + process.env.FUNCTION_SECRET + ' ' + process.env.DATABASE + ' to ' + state.link); };
`;
    const rows = ['good', 'bad', 'other'].map((n) => `${JSON.stringify({ n, link: LINK })}\n`).join('');
    const models = `gpt:\n  model_type: vllm\n  model: gpt\n  url: http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1\n  headers: { X-Planted: $PLANTED_HEADER_TOKEN }\n`;
    await place.write({
      '.env': `EXTRA_PASSWORD=${SECRETS.dotenv}\n`,
      'models.yaml': models,
      'good/graph_config.yaml': GRAPH('fine'),
      'good/functions.ts': functions,
      'good/in.jsonl': rows,
      'bad/graph_config.yaml': GRAPH('broken'),
      'bad/functions.ts': functions,
      'bad/in.jsonl': rows,
      'leaky.yaml': `gpt:\n  model_type: openai\n  model: gpt\n  auth_token: planted-in-file-0011\n  headers: { Authorization: Bearer planted-in-file-0012 }\n  url: https://me:planted-in-file-0013@host/v1\n`,
    });
  });
  after(async () => {
    endpoint.close();
    await place.remove();
  });

  const syngraph = async (...words: string[]): Promise<CommandResult> => {
    const result = await place.syngraph(words, environment);
    said.push(result);
    return result;
  };
  const withoutSecrets = (what: string, text: string, secrets: string[]): void => {
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      assert.ok(at < 0, `${what} has ${secret}: …${text.slice(Math.max(0, at - 200), at + 60)}`);
    }
  };

  it('are in nothing that two runs write, print and tell Temporal', async () => {
    // The server stays, so that its histories can be read.
    await syngraph('up');
    const good = await syngraph('run', 'good', '--models', 'models.yaml', '--run-id', 'one');
    assert.equal(good.exitCode, 3, good.errors);
    const bad = await syngraph('run', 'bad', '--models', 'models.yaml', '--run-id', 'two', '--json');
    assert.equal(bad.exitCode, 3, bad.errors);
    assert.ok(prompts.includes(PROMPT.replace('{n}', 'good').replace('{link}', LINK)), 'the model gets the prompt as it is');
    const list = await syngraph('failed', 'two', '--limit', '9');
    const { groups } = JSON.parse((await syngraph('failed', 'two', '--json', '--limit', '9')).output) as { groups: { records: { id: string }[] }[] };
    assert.equal(groups.length, 2, list.output);
    for (const { id } of groups.flatMap(({ records }) => records)) await syngraph('failed', 'two', '--show', id);
    for (const run of ['one', 'two']) {
      await syngraph('report', run, '--html', `${run}.html`);
      await syngraph('status', run);
    }
    await syngraph('validate', 'good', '--models', 'leaky.yaml');

    const all = Object.values({ ...SECRETS, ...IN_PROMPTS });
    for (const { output, errors } of said) withoutSecrets('the terminal', output + errors, [...all, 'planted-in-file']);
    const { address } = JSON.parse(await readFile(join(place.folder, '.syngraph', 'server.json'), 'utf8')) as { address: string };
    withoutSecrets('Temporal', await temporalText(address), all);
    const planted = new Set(['.env', 'models.yaml', 'leaky.yaml', 'good/graph_config.yaml', 'bad/graph_config.yaml', 'good/in.jsonl', 'bad/in.jsonl']);
    const isData = (name: string): boolean => /^\.syngraph\/(plans|bundles|runs\/[^/]+\/[^/]+\/(source|state|journal|parts))\//.test(name);
    const names = (await readdir(place.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(place.folder.length + 1));
    assert.ok(names.some((name) => name.endsWith('failed.jsonl')) && names.some((name) => name.endsWith('syngraph.log')), names.join(', '));
    for (const name of names.filter((each) => !planted.has(each))) {
      withoutSecrets(name, await readFile(join(place.folder, name), 'latin1'), isData(name) ? Object.values(SECRETS) : all);
    }
    await syngraph('down');
  });
});

/** All that a client without any key of ours can read. */
async function temporalText(address: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace: 'default' });
    const texts = [visibleText(executions)];
    for (const { execution } of executions) {
      texts.push(visibleText(await connection.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: execution! })));
      texts.push(visibleText(await connection.workflowService.describeWorkflowExecution({ namespace: 'default', execution: execution! })));
    }
    return texts.join('\n');
  } finally {
    await connection.close();
  }
}
