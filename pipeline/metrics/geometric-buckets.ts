/** Buckets for positive numbers whose edges are equal factors γ apart. */
export interface GeometricBuckets {
  /** The bucket i with γ^(i−1) < value ≤ γ^i. */
  bucketOf(value: number): number;
  /** Its upper end, γ^i. */
  endOf(bucket: number): number;
  /** The value that is off by at most the accuracy from any in the bucket. */
  middleOf(bucket: number): number;
}

/**
 * The buckets of DDSketch (Masson, Rim, Lee: "DDSketch: A fast and fully-mergeable quantile sketch
 * with relative-error guarantees", VLDB 2019, section 2): γ = (1 + accuracy) / (1 − accuracy).
 * @param accuracy largest relative error of what stands for a value, e.g. 0.01
 */
export function geometricBuckets(accuracy: number): GeometricBuckets {
  const gamma = (1 + accuracy) / (1 - accuracy);
  const logGamma = Math.log(gamma);
  return {
    bucketOf: (value) => Math.ceil(Math.log(value) / logGamma),
    endOf: (bucket) => gamma ** bucket,
    middleOf: (bucket) => (2 * gamma ** bucket) / (gamma + 1),
  };
}
