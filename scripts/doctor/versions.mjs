/**
 * Whether the first version number in `text` is at least `minimum`; undefined where there is none.
 * @param {string} text for example `git version 2.39.5 (Apple Git-154)` or `20.10.24+dfsg1`
 * @param {string} minimum for example `2.32`
 * @returns {boolean | undefined}
 */
export function isAtLeast(text, minimum) {
  const found = /\d+(\.\d+)+/.exec(text)?.[0];
  if (found === undefined) return undefined;
  const numbers = found.split(".").map(Number);
  for (const [place, wanted] of minimum.split(".").map(Number).entries()) {
    const number = numbers[place] ?? 0;
    if (number !== wanted) return number > wanted;
  }
  return true;
}
