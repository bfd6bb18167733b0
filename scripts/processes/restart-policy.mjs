/**
 * When a process that died is started again: soon at first, slower each time, and not at all once it died `limit`
 * times within `windowMs`.
 * @param {{ limit?: number, windowMs?: number, firstDelayMs?: number, longestDelayMs?: number }} [options]
 */
export function createRestartPolicy(options = {}) {
  const { limit = 5, windowMs = 60_000, firstDelayMs = 250, longestDelayMs = 4000 } = options;
  /** @type {number[]} */
  let deaths = [];
  return {
    /**
     * Records a death at `nowMs`.
     * @param {number} nowMs
     * @returns {{ action: "restart", delayMs: number } | { action: "give-up", deaths: number }}
     */
    recordDeath(nowMs) {
      deaths = [...deaths.filter((at) => nowMs - at < windowMs), nowMs];
      if (deaths.length >= limit) return { action: "give-up", deaths: deaths.length };
      return { action: "restart", delayMs: Math.min(longestDelayMs, firstDelayMs * 2 ** (deaths.length - 1)) };
    },
  };
}
