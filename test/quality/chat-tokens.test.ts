import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { renderTemplate } from '../../activities/models/completions/render-template.ts';
import { createChatCounter } from '../../activities/quality/chat-tokens.ts';
import { runQuality } from '../../activities/nodes/run-quality.ts';
import type { JsonObject } from '../../pipeline/json.ts';
import { nodeWorkOf } from '../activities/nodes/node-work-of.ts';
import { compilePlan, SOURCE } from '../pipeline/compile-text.ts';

interface Chat {
  messages: { role: 'system' | 'user' | 'assistant' | 'tool'; content: string }[];
  tools: JsonObject[] | null;
  leads_up: boolean;
  rendered: Record<string, string | { refused: string }>;
  /** Of the prompt and of the last message; null where the template refuses them. */
  tokens: Record<string, [number, number] | null>;
}

const FIXTURES = fileURLToPath(new URL('fixtures/chat', import.meta.url));
/** What jinja2 and the tokenizers library say; made by make-chats.py beside it. */
const { templates, special, tokenizer_of: tokenizerOf, chats } = JSON.parse(readFileSync(join(FIXTURES, 'chats.json'), 'utf8')) as {
  templates: Record<string, string>;
  special: Record<string, JsonObject>;
  tokenizer_of: Record<string, string>;
  chats: Chat[];
};

const folder = mkdtempSync(join(tmpdir(), 'syngraph-chat-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A folder with a tokenizer and the chat template of that name. */
async function tokenizerFolder(name: string): Promise<string> {
  const own = join(folder, name);
  await cp(join(FIXTURES, tokenizerOf[name]!), own, { recursive: true });
  writeFileSync(join(own, 'tokenizer_config.json'), JSON.stringify({ ...special[name], chat_template: templates[name] }));
  return own;
}

for (const name of Object.keys(templates)) {
  test(`conversations in the style of ${name} are the texts that jinja2 makes of them, tools and all`, () => {
    let refused = 0;
    for (const { messages, tools, leads_up: leadsUp, rendered } of chats) {
      const wanted = rendered[name]!;
      const render = (): string => renderTemplate(templates[name]!, { ...special[name], messages, tools, add_generation_prompt: leadsUp });
      if (typeof wanted === 'string') assert.equal(render(), wanted);
      else {
        refused += 1;
        assert.throws(render, ({ message }: Error) => message.includes(wanted.refused));
      }
    }
    assert.ok(refused < chats.length / 2);
  });

  test(`conversations in the style of ${name} have the tokens that the tokenizers library counts`, async () => {
    const count = createChatCounter({ folder: await tokenizerFolder(name), templateFile: null }, () => assert.fail());
    for (const { messages, tokens } of chats) {
      const found = count(messages.map(({ role, content }) => ({ role, text: content, hasMore: false, finishReason: null })));
      const wanted = tokens[name];
      if (wanted === null || wanted === undefined) assert.ok('problem' in found, JSON.stringify(messages));
      else assert.deepEqual(found, { input: wanted[0], target: wanted[1] }, JSON.stringify(messages));
    }
  });
}

test('a quality node counts by the tokenizer that it names, and rejects what its template refuses', async () => {
  const names = ['language_tagging', 'conversation_length', 'metadata_tagging', 'lexical_diversity', 'data_characteristics', 'repetition', 'boilerplate', 'pii', 'completeness'];
  const rulesOf = (settings: string): string => `${names.map((rule) => `${rule}: false`).join(', ')}, conversation_pretokenization: {${settings}}`;
  const judge = async (settings: string, messages: Chat['messages']): Promise<JsonObject> => {
    const yaml = `${SOURCE}graph_config:\n  nodes:\n    judge: {node_type: quality, rules: {${rulesOf(settings)}}}\n  edges:\n    - {from: START, to: judge}\n    - {from: judge, to: END}\n`;
    const [node] = compilePlan(yaml).nodes;
    assert.ok(node?.kind === 'quality');
    const work = nodeWorkOf({ records: [{ state: { messages } }] });
    work.dependencies.workingDirectory = folder;
    const [outcome] = await runQuality(node, work);
    assert.ok(outcome?.kind === 'changed', JSON.stringify(outcome));
    return (outcome.change.set.metadata as { quality_characteristics: { heuristic_based: JsonObject } }).quality_characteristics.heuristic_based;
  };
  const { messages, tokens } = chats.find(({ tokens: { llama2 }, messages: { length } }) => llama2 != null && length > 2)!;
  const tokenizer = await tokenizerFolder('llama2');
  const [input, target] = tokens.llama2!;
  assert.deepEqual((await judge(`tokenizer: ${tokenizer}`, messages)).tokens, { tokenizer, input_tokens: input, target_tokens: target });
  assert.match(JSON.stringify((await judge('tokenizer: llama2, max_tokens: 3', messages)).rejections), /3 are allowed/);
  const twice = [messages.at(-1)!, messages.at(-1)!];
  assert.match(JSON.stringify((await judge('tokenizer: llama2', twice)).rejections), /do not fit the chat template: .*Roles must take turns/);
  writeFileSync(join(folder, 'own.jinja'), '{% for message in messages %}{{ message.content }}{% endfor %}');
  const own = (await judge('chat_template: own.jinja', [{ role: 'user', content: 'One two' }, { role: 'assistant', content: ' three' }])).tokens;
  assert.deepEqual(own, { encoding: 'o200k_base', input_tokens: 2, target_tokens: 1 });
});
