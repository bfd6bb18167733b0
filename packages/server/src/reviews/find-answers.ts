const ANSWER_LIMIT = 16_384;

/** `C1: …`, also as a list item, a heading or in bold: agents write Markdown. */
const BEGIN = /^\s*(?:(?:[-*+>]|#{1,6}|\d+\.)\s+)*[*_`]*C(\d{1,4})[*_`]*\s*(?::|—|–|-)[*_`]*\s*(.*)$/;

/**
 * Pure: what the agent answered to which comment, by the comment's number. An answer goes on to the next one or to the
 * end of its paragraph; of several to one comment all are kept.
 */
export function findAnswers(texts: readonly string[]): Map<number, string> {
  const answers = new Map<number, string[]>();
  for (const text of texts) {
    let current: string[] | undefined;
    for (const line of text.split("\n")) {
      const [, number, rest = ""] = BEGIN.exec(line) ?? [];
      if (number !== undefined) {
        const known = answers.get(Number(number)) ?? [];
        answers.set(Number(number), known);
        current = known;
        current.push(rest);
      } else if (line.trim() === "" && current?.at(-1)?.trim() !== "") {
        current = undefined;
      } else {
        current?.push(line);
      }
    }
  }
  const said = [...answers].map(([number, lines]): [number, string] => [number, lines.join("\n").trim()]);
  return new Map(
    said.filter(([, answer]) => answer !== "").map(([number, answer]) => [number, answer.slice(0, ANSWER_LIMIT)]),
  );
}
