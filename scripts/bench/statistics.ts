/** Of a list of durations in milliseconds. */
export interface Summary {
  minMs: number;
  medianMs: number;
  maxMs: number;
}

/** The middle value, or the mean of the two in the middle. Throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error("There is no median of nothing.");
  return (lower + upper) / 2;
}

/** The smallest value that so many of the values (0 to 1) do not exceed. Throws on an empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error("There is no percentile of nothing.");
  return found;
}

/** Throws on an empty list. */
export function summarize(values: readonly number[]): Summary {
  return { medianMs: median(values), minMs: Math.min(...values), maxMs: Math.max(...values) };
}

/** How much longer ours took than the floor: 1 is as fast. */
export interface Ratio {
  /** Median of ours by median of the floor. */
  ofMedians: number;
  /** Median of the ratios of samples taken one after the other: what slows down the machine slows down both. */
  pairwise: number;
}

/** The n-th sample of ours and the n-th of the floor are a pair. Throws where the lists differ in length. */
export function compare(ours: readonly number[], floor: readonly number[]): Ratio {
  if (ours.length !== floor.length) throw new Error(`${ours.length} samples cannot be paired with ${floor.length}.`);
  const pairs = ours.map((value, index) => value / (floor[index] ?? Number.NaN));
  return { ofMedians: median(ours) / median(floor), pairwise: median(pairs) };
}
