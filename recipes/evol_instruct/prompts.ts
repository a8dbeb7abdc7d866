import { DEPTH_STRATEGIES, type DepthStrategy } from './strategies.ts';

/** Asks for a harder instruction than the one that is given. */
export function depthPrompt(instruction: string, strategy: DepthStrategy): string {
  return `You write instructions that test how well an assistant can think. Below is an instruction. Write a harder version of it.

How to make it harder: ${DEPTH_STRATEGIES[strategy]}

Rules:
- A person must be able to understand the new instruction and to answer it without seeing the old one.
- Keep everything in it that is not prose, such as tables, code, formulas and input data.
- Do only what is asked above, and add no more than about twenty words${strategy === 'complicate_input' ? ' besides the material' : ''}.
- Do not answer it, and do not mention that there was another version.

Instruction:
${instruction}

Reply with the new instruction and nothing else.`;
}

/** Asks for another instruction of the same kind, so that the set grows wider. */
export function breadthPrompt(instruction: string): string {
  return `You collect instructions that people give to assistants, and look for those that nobody has written down yet. Below is an instruction. Let it inspire you to a new one.

Rules:
- The new instruction belongs to the same field, but is about something that comes up far less often.
- It is about as long and as hard as the one below.
- A person must be able to understand and answer it without seeing the one below.
- Do not answer it, and do not mention that there was another one.

Instruction:
${instruction}

Reply with the new instruction and nothing else.`;
}
