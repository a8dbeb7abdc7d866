import { alpaca } from './write/alpaca.ts';
import { oasstDpo, oasstSft } from './write/oasst.ts';
import { openai } from './write/openai.ts';
import { sharegpt } from './write/sharegpt.ts';
import type { TrainingFormat } from './write/training-format.ts';
import { trlMessages } from './write/trl-messages.ts';
import { trlPreference } from './write/trl-preference.ts';

export const TRAINING_FORMATS = {
  'oasst-sft': oasstSft,
  'oasst-dpo': oasstDpo,
  sharegpt,
  openai,
  alpaca,
  'trl-messages': trlMessages,
  'trl-preference': trlPreference,
} satisfies Record<string, TrainingFormat>;

export type TrainingFormatName = keyof typeof TRAINING_FORMATS;

export function isTrainingFormat(name: string): name is TrainingFormatName {
  return Object.hasOwn(TRAINING_FORMATS, name);
}
