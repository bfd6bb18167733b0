/**
 * What stands where a sandbox cut a text that was too long. The server knows by it that what is beside it may be a piece
 * of a secret's value, whose rest is missing.
 */
export const leftOut = (characters: number): string => `… ${characters} characters left out …`;

const MARK = /\n?… \d+ characters left out …\n?/g;

/** Where a text was cut: marks that were in it already look the same, so of many only the first, the middle and the last. */
export function findLeftOut(text: string): { from: number; to: number }[] {
  const all = [...text.matchAll(MARK)].map(({ index, 0: mark }) => ({ from: index, to: index + mark.length }));
  if (all.length <= 3) return all;
  const fromMiddle = ({ from, to }: { from: number; to: number }): number => Math.abs(from + to - text.length);
  const middle = all.reduce((best, one) => (fromMiddle(one) < fromMiddle(best) ? one : best));
  return all.filter((one, at) => at === 0 || at === all.length - 1 || one === middle);
}
