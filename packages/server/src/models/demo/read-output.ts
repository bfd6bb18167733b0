/** The lines in the answer of OpenCode's `read` tool (`12: text`), without empty ones at the end. */
export function fileLines(output: string): string[] {
  const lines = output.split("\n").flatMap((line) => {
    const numbered = /^\d+: ?(.*)$/.exec(line);
    return numbered ? [numbered[1] ?? ""] : [];
  });
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The same, or undefined where the answer does not reach the file's end. */
export function wholeFile(output: string): string[] | undefined {
  return output.includes("\n(End of file") ? fileLines(output) : undefined;
}

/**
 * The shortest run of whole lines at the file's end that occurs nowhere else in it: what an edit can name to append
 * there. Undefined for an empty file.
 */
export function uniqueEnding(lines: readonly string[]): string | undefined {
  const whole = lines.join("\n");
  for (let start = lines.length - 1; start >= 0; start -= 1) {
    const ending = lines.slice(start).join("\n");
    if (ending.trim() !== "" && whole.indexOf(ending) === whole.length - ending.length) return ending;
  }
  return undefined;
}
