import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { loadToxicityScorer } from '../../activities/quality/load-toxicity-scorer.ts';
import { ConversationView } from '../../quality/conversation-view.ts';
import type { RuleResources } from '../../quality/rule.ts';
import { toxicity } from '../../quality/rules/toxicity.ts';

async function fixture<Content>(name: string): Promise<Content> {
  return JSON.parse(await readFile(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as Content;
}

describe('the rule toxicity', () => {
  let score: (text: string) => number;
  before(async () => (score = await loadToxicityScorer()));

  const assess = (max: number | null, ...texts: string[]): ReturnType<typeof toxicity> => {
    const messages = texts.map((text) => ({ role: 'assistant' as const, text, hasMore: false, finishReason: null }));
    return toxicity(new ConversationView(messages), { max }, { scoreToxicity: score } as RuleResources);
  };

  it('gives more than 200 texts the probabilities of alt-profanity-check', async () => {
    const { texts, probabilities } = await fixture<{ texts: string[]; probabilities: number[] }>('toxicity-references');
    const all = [...(await fixture<string[]>('texts')), ...texts];
    assert.ok(all.length >= 200 && all.length === probabilities.length);
    assert.deepEqual(all.filter((text, index) => Math.abs(score(text) - probabilities[index]!) > 1e-6), []);
  });

  it('has the worst message decide, and rejects only above a limit that was given', () => {
    const calm = 'Have a lovely day, my friend.';
    const rude = 'You are such a stupid idiot, shut up!';
    assert.deepEqual(assess(null, calm, rude).reject, null);
    assert.equal(assess(null, calm, rude).tags.toxicity, score(rude));
    assert.match(assess(0.9, calm, rude).reject ?? '', /^a message is toxic with a probability of (?:0\.9\d|1\.00), above 0\.9$/);
    assert.equal(assess(0.9, calm, '').reject, null);
    assert.deepEqual(assess(0, '', ' ').tags, { toxicity: null });
  });

  it('gives any text a probability', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => score(text) > 0 && score(text) < 1));
  });
});
