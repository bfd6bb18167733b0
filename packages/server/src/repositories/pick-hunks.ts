const RANGE = /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/;

/**
 * Pure: a patch of the named hunks of one file's patch, under the file's present name and without a change of its mode.
 * Hunks are told by their ranges (`@@ -1,3 +1,4 @@`); what follows these in a header is of no account. Answers the first
 * one that is not there.
 */
export function pickHunks(patch: string, headers: readonly string[]): { patch: string } | { missing: string } {
  const lines = patch.split("\n");
  const first = lines.findIndex((line) => line.startsWith("@@ "));
  const name = lines.slice(0, Math.max(first, 0)).find((line) => line.startsWith("+++ "));
  const hunks = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of first < 0 ? [] : lines.slice(first)) {
    const range = RANGE.exec(line)?.[0];
    if (range !== undefined) hunks.set(range, (current = []));
    current.push(line);
  }
  if (current.at(-1) === "") current.pop();

  const wanted = new Set<string>();
  for (const header of headers) {
    const range = RANGE.exec(header)?.[0];
    if (range === undefined || !hunks.has(range)) return { missing: header };
    wanted.add(range);
  }
  if (name === undefined) return { missing: headers[0] ?? "" };
  const former = name.replace(/^\+\+\+ ("?)b\//, "--- $1a/");
  const picked = [...hunks].filter(([range]) => wanted.has(range)).flatMap(([, hunk]) => hunk);
  return { patch: `${[former, name, ...picked].join("\n")}\n` };
}
