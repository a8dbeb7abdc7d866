import type { ModelPlan } from '../../pipeline/plan.ts';
import type { ModelAnswer } from './model-client.ts';

/** Cuts the model's `special_tokens` out of every answer, as its server should have done. */
export function withoutSpecialTokens(model: ModelPlan, answer: ModelAnswer): ModelAnswer {
  if (model.specialTokens.length === 0) return answer;
  const clean = <Sample extends Pick<ModelAnswer, 'message'>>(sample: Sample): Sample => {
    const { content } = sample.message;
    if (typeof content !== 'string') return sample;
    const text = model.specialTokens.reduce((left, token) => left.replaceAll(token, ''), content).trim();
    return { ...sample, message: { ...sample.message, content: text } };
  };
  const { alternatives, ...first } = clean(answer);
  return alternatives === undefined ? first : { ...first, alternatives: alternatives.map(clean) };
}
