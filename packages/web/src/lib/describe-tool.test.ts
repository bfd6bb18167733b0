import { describe, expect, it } from "vitest";
import { describeTool, lookOfTool, toToolCall, treePath } from "./describe-tool.ts";

const call = (name: string, input: Record<string, unknown>, output = "") =>
  toToolCall({ name, status: "completed", input, output, durationMs: 1 });

it.each([
  ["read", { filePath: "/workspace/api/src/a.ts" }, "1: a\n2: b\n3: c", ["Read", "src/a.ts", "3 lines"]],
  ["grep", { pattern: "foo" }, "Found 1 matches\n", ["Searched", "foo", "1 match"]],
  ["glob", { pattern: "**/*.ts" }, "/workspace/api/a.ts\n/workspace/api/b.ts\n", ["Found files", "**/*.ts", "2 files"]],
  ["webfetch", { url: "https://example.org" }, "", ["Fetched", "https://example.org", null]],
  ["their-own-tool", { depth: 3, query: "x" }, "", ["their-own-tool", "x", null]],
  ["read", {}, "", ["Read", "", null]],
])("%s says what it did", (...[name, input, output, words]) => {
  expect(Object.values(describeTool(call(name, input, output)))).toEqual(words);
});

describe("lookOfTool", () => {
  it.each([
    ["bash", {}, "command"],
    ["todowrite", {}, "todos"],
    ["write", { filePath: "/a" }, "edit"],
    ["write", {}, "line"],
    ["grep", {}, "line"],
    ["anything", {}, "line"],
  ])("%s", (name, input, look) => expect(lookOfTool(call(name, input))).toBe(look));

  it("shows any tool that brings a patch as an edit", () => {
    expect(lookOfTool({ ...call("apply_patch", {}), patch: "@@ -1 +1 @@" })).toBe("edit");
  });
});

it.each([
  ["/workspace/api/src/a.ts", "src/a.ts"],
  ["/workspace/api", "."],
  ["/etc/hosts", "/etc/hosts"],
  ["src/a.ts", "src/a.ts"],
])("%s in the tree is %s", (path, shown) => expect(treePath(path)).toBe(shown));

it.each([
  ["a\nb\n\n<shell_metadata>\nUser aborted the command\n</shell_metadata>", "a\nb", "User aborted the command"],
  ["(no output)", "", null],
  [
    "plain <shell_metadata> in between </shell_metadata> text",
    "plain <shell_metadata> in between </shell_metadata> text",
    null,
  ],
])("tells output from what the tool remarks on it: %j", (raw, output, remark) => {
  expect(call("bash", {}, raw)).toMatchObject({ output, remark });
});
