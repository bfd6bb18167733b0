import fc from "fast-check";
import { expect, it } from "vitest";
import { splitMarkdown } from "./split-markdown.ts";

it.each([
  ["paragraphs", "a\n\nb", ["a\n", "b"]],
  ["a fence with a blank line", "```\na\n\nb\n```\n\nc", ["```\na\n\nb\n```\n", "c"]],
  ["an open fence", "a\n\n```\nb\n\nc", ["a\n", "```\nb\n\nc"]],
  ["a longer fence around a shorter one", "````\n```\n\n```\n````\n\nx", ["````\n```\n\n```\n````\n", "x"]],
  ["a loose list", "- a\n\n- b\n\nafter", ["- a\n\n- b\n", "after"]],
  ["a list item's second paragraph", "1. a\n\n   more\n\nafter", ["1. a\n\n   more\n", "after"]],
  ["nothing", "", []],
])("%s", (_name, text, blocks) => expect(splitMarkdown(text)).toEqual(blocks));

it("loses nothing but blank blocks", () => {
  const line = fc.constantFrom("", "a", "```", "- b", "   c", "~~~", "> d", "| e");
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const words = (text: string) => text.split("\n").filter((one) => one.trim() !== "");
      expect(words(splitMarkdown(lines.join("\n")).join("\n"))).toEqual(words(lines.join("\n")));
    }),
  );
});

it("never changes a block but the last while text grows line by line", () => {
  const text = "# Title\n\nSome words\n\n- a\n- b\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\nThe end";
  const lines = text.split("\n");
  let before: string[] = [];
  for (let count = 1; count <= lines.length; count++) {
    const now = splitMarkdown(lines.slice(0, count).join("\n"));
    expect(now.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
    before = now;
  }
});
