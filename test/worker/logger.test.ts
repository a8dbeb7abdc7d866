import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createLogger } from '../../worker/logger.ts';

describe('createLogger', () => {
  it('writes JSON lines with secrets blotted out, and shows warnings of ours alone', async (context) => {
    const storeFolder = await mkdtemp(join(tmpdir(), 'syngraph-log-'));
    context.after(() => rm(storeFolder, { recursive: true }));
    const warnings: string[] = [];
    const environment = { OPENAI_API_KEY: 'sk-verysecretkey1234567890' };
    const logger = createLogger({ storeFolder, environment, onWarning: (line) => warnings.push(line) });
    logger.debug('not kept');
    logger.info('a run', { attempt: 3n, taskQueue: 'syngraph' });
    logger.warn('poll failed', { sdkComponent: 'core' });
    logger.warn('the key sk-verysecretkey1234567890 was refused', { error: new Error('sk-verysecretkey1234567890') });
    await logger.close();

    const text = await readFile(join(storeFolder, 'logs', 'syngraph.log'), 'utf8');
    const records = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(records.map(({ level, message }) => [level, message]).slice(0, 2), [['info', 'a run'], ['warn', 'poll failed']]);
    assert.equal(records[0]?.attempt, '3');
    assert.equal(records.length, 3);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^warning: the key .* was refused$/);
    for (const shown of [text, ...warnings]) assert.doesNotMatch(shown, /verysecret/);
  });
});
