import { createHash } from 'node:crypto';
import { breadthPrompt, depthPrompt } from './prompts.ts';
import { strategiesOf, type Strategy } from './strategies.ts';

interface State {
  id?: unknown;
  text?: unknown;
  algorithm?: unknown;
  evol_instruct_strategy?: Strategy;
}

interface Config {
  params?: { algorithm?: unknown };
}

/** Picks the strategy of a record: the one that `algorithm` names, or one of several. */
export class ChooseStrategy {
  apply(config: Config, state: State): { evol_instruct_strategy: Strategy } {
    return { evol_instruct_strategy: chooseStrategy(config, state) };
  }
}

/** Depth and breadth have nodes of their own. */
export class StrategyRoute {
  apply(state: State): 'depth' | 'breadth' {
    return state.evol_instruct_strategy === 'breadth' ? 'breadth' : 'depth';
  }
}

/** Writes the prompt; where no strategy was chosen before, it chooses one itself. */
export class EvolInstructPromptGenerator {
  apply(config: Config, state: State): { evol_instruct_final_prompt: string } {
    const strategy = state.evol_instruct_strategy ?? chooseStrategy(config, state);
    const text = instructionOf(state);
    return { evol_instruct_final_prompt: strategy === 'breadth' ? breadthPrompt(text) : depthPrompt(text, strategy) };
  }
}

export class BreadthPromptGenerator {
  apply(_config: Config, state: State): { evol_instruct_final_prompt: string } {
    return { evol_instruct_final_prompt: breadthPrompt(instructionOf(state)) };
  }
}

/** The same record with the same text gets the same strategy in every run. */
function chooseStrategy({ params }: Config, state: State): Strategy {
  const algorithm = state.algorithm ?? params?.algorithm ?? 'random';
  const strategies = strategiesOf(algorithm);
  const digest = createHash('sha256').update(JSON.stringify([state.id ?? null, instructionOf(state)])).digest();
  return strategies[digest.readUInt32BE(0) % strategies.length]!;
}

function instructionOf({ text }: State): string {
  if (typeof text === 'string' && text.trim() !== '') return text;
  throw new Error('the state has no text to evolve: let the source or a node before provide it under the key text');
}
