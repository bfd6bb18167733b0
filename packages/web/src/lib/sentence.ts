/** Pure: words with a capital at their beginning; a name that stands there (a branch, a file) stays as it is. */
export function sentence(words: string): string {
  return /^[a-z]+(?:[\s,:]|$)/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}
