/** Pure: the patterns written one a line; blank lines and comments are left out, each pattern counts once. */
export function parsePatterns(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== "" && !line.startsWith("#")))];
}
