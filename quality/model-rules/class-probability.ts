export interface ClassProbability {
  /** From 0 to 1. */
  score: number;
  /** null: there is one class only. */
  label: string | null;
}

/** What classifiers call the class of good answers. */
const POSITIVE = /^(?:positive|pos|good|chosen|preferred|accept(?:ed|able)?|helpful|high|yes|true)$/i;

/**
 * The score of a classifier's logits: the logistic function of the only one, else the softmax at the class that `label`
 * names, by its name or number. Without `label` that is the class that is called positive or the like, else the last.
 * @throws RangeError where `label` names no class
 */
export function classProbability(logits: readonly number[], labels: readonly string[], label: string | null): ClassProbability {
  const [only] = logits;
  if (only === undefined) throw new RangeError('the model gives no classes');
  if (logits.length === 1) return { score: 1 / (1 + Math.exp(-only)), label: null };
  const index = classIndex(logits.length, labels, label);
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  return { score: (weights[index] ?? 0) / weights.reduce((sum, weight) => sum + weight, 0), label: labels[index] ?? String(index) };
}

/** @throws RangeError where `label` names no class */
export function classIndex(count: number, labels: readonly string[], label: string | null): number {
  if (label === null) {
    const positive = labels.findIndex((name) => POSITIVE.test(name));
    return positive >= 0 && positive < count ? positive : count - 1;
  }
  const named = labels.findIndex((name) => name.toLowerCase() === label.toLowerCase());
  const index = named >= 0 ? named : /^\d+$/.test(label) ? Number(label) : -1;
  if (index >= 0 && index < count) return index;
  throw new RangeError(`the model has no class ${label}; it has ${labels.length > 0 ? labels.slice(0, 50).join(', ') : `${count} without names`}`);
}
