export interface Random {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Text of words with about `length` characters. */
  words(length: number): string;
  /** A generator of its own, so that one fault's draws never move another's. */
  fork(name: string): Random;
}

const WORDS = ["read", "the", "tests", "first", "then", "change", "one", "line", "and", "run", "ünï", "🧭", "again"];

/** Seeded (mulberry32): the same seed draws the same numbers on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const random: Random = {
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    words(length) {
      let text = "";
      while (text.length < length) text += `${WORDS[Math.floor(next() * WORDS.length)] ?? ""} `;
      return text;
    },
    fork(name) {
      let hash = seed >>> 0;
      for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
      return createRandom(hash);
    },
  };
  return random;
}
