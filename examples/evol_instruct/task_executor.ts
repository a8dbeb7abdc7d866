interface Step {
  strategy: string;
  from: string;
}

interface State {
  text: string;
  evolved_text: string;
  evol_instruct_strategy: string;
  lineage?: Step[];
}

const ROUNDS = 2;

/** Takes the evolved instruction as the one to go on with, and notes where it came from. */
export function keepRound(_config: unknown, state: State): object {
  const step: Step = { strategy: state.evol_instruct_strategy, from: state.text };
  return { text: state.evolved_text, lineage: [...(state.lineage ?? []), step] };
}

export function isEvolvedEnough(state: State): 'again' | 'enough' {
  return (state.lineage?.length ?? 0) < ROUNDS ? 'again' : 'enough';
}
