import { describe, expect, it } from "vitest";
import { composeReview } from "./compose-review.ts";

const comment = {
  path: "src/a.ts",
  side: "new" as const,
  lines: { start: 3, end: 4 },
  quote: "const a = 1;\nconst b = 2;",
  text: "Use names that say something.",
  outdated: false,
};

describe("composeReview", () => {
  it("numbers the comments and quotes their lines", () => {
    const text = composeReview("  Nearly there.  ", [
      comment,
      { ...comment, path: "b.md", lines: { start: 9, end: 9 }, side: "old", outdated: true },
    ]);
    expect(text).toMatch(/^Nearly there\.\n\nHere are 2 review comments/);
    expect(text).toContain(
      "C1 · src/a.ts, lines 3–4\n```\nconst a = 1;\nconst b = 2;\n```\nUse names that say something.",
    );
    expect(text).toContain("C2 · b.md, line 9 (as it was before your changes; these lines have changed since)\n");
    expect(text).toContain("`C1: …`");
  });

  it("has a fence that the quote cannot end", () => {
    expect(composeReview(undefined, [{ ...comment, quote: "```js\nx\n````" }])).toContain(
      "`````\n```js\nx\n````\n`````",
    );
  });
});
