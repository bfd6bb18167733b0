import { describe, expect, it } from "vitest";
import { composeReview } from "../../reviews/compose-review.ts";
import { readComments, reviewAnswers, reviewCommands } from "./demo-review.ts";

const comment = { side: "new" as const, quote: "x", text: "Please.", outdated: false };
const prompt = composeReview("Mind these", [
  { ...comment, path: "docs/my notes.md", lines: { start: 4, end: 6 } },
  { ...comment, path: "src/a.ts", lines: { start: 2, end: 2 } },
  { ...comment, path: "logo.png", lines: { start: 1, end: 1 } },
  { ...comment, path: "src/b.ts", side: "old", lines: { start: 9, end: 9 } },
]);

describe("a review in a prompt of the server's own making", () => {
  it("is read whole", () => {
    expect(readComments(prompt)).toEqual([
      { name: "C1", path: "docs/my notes.md", line: 6, old: false },
      { name: "C2", path: "src/a.ts", line: 2, old: false },
      { name: "C3", path: "logo.png", line: 1, old: false },
      { name: "C4", path: "src/b.ts", line: 9, old: true },
    ]);
    expect(readComments("C1 was a good idea, line by line")).toEqual([]);
  });

  it("has each comment edited or answered, never both", () => {
    const comments = readComments(prompt);
    expect(reviewCommands(comments, (word) => `'${word}'`)).toEqual([
      "sed -i '6s|$| (revised: C1)|' -- 'docs/my notes.md'",
      "sed -i '2s|$| // revised: C2|' -- 'src/a.ts'",
    ]);
    expect(reviewAnswers(comments).map((line) => line.slice(0, 3))).toEqual(["C3:", "C4:"]);
  });
});
