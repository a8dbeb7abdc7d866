import { createWriteStream } from 'node:fs';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Agent, request } from 'undici';

/**
 * What a bare loop costs: reads the records, asks the endpoint, writes the answers; no journal, no
 * retries, no order. The mark that the engine is compared with.
 * `bare-loop.ts INPUT OUTPUT URL CONCURRENCY`
 */
const [input = '', output = '', url = '', concurrency = '500'] = process.argv.slice(2);
const agent = new Agent({ connections: Number(concurrency), pipelining: 1 });
const file = createWriteStream(output);
const lines = createInterface({ input: createReadStream(input) })[Symbol.asyncIterator]();

async function lane(): Promise<void> {
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const { text } = JSON.parse(line.value) as { text: string };
    const body = JSON.stringify({ model: 'fake', max_tokens: 500, messages: [{ role: 'user', content: `Rephrase: ${text}` }] });
    const response = await request(`${url}/chat/completions`, { method: 'POST', body, dispatcher: agent, headers: { 'content-type': 'application/json' } });
    const answer = (await response.body.json()) as { choices: { message: { content: string } }[] };
    file.write(`${JSON.stringify({ text, answer: answer.choices[0]?.message.content })}\n`);
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, lane));
await new Promise<void>((resolve) => file.end(resolve));
await agent.close();
