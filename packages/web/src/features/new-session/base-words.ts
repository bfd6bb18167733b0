/** Pure: the commit id in what was typed, whole or its first characters (7 at least); null where it is none. */
export function baseFromText(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{7,40}$/.test(id) ? id : null;
}

/** Pure: a base as a chip names it; of a commit its first characters. */
export function baseWords(base: string): string {
  return /^[0-9a-f]{11,40}$/.test(base) ? base.slice(0, 10) : base;
}
