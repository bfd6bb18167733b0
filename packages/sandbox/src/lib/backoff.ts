/** Waits between attempts, in ms: doubling from `firstMs` to `maxMs`, each shortened at random by up to a half. */
export function createBackoff(
  { firstMs, maxMs }: { firstMs: number; maxMs: number },
  random: () => number = Math.random,
) {
  let attempt = 0;
  return {
    nextMs(): number {
      const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt++, 30));
      return full * (1 - random() / 2);
    },
    reset(): void {
      attempt = 0;
    },
  };
}
