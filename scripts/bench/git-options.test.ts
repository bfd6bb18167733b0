import { expect, test } from "vitest";
import { readGitOptions } from "./git-options.ts";

test("a large repository by default", () => {
  expect(readGitOptions([])).toEqual({
    samples: 7,
    turns: 40,
    files: 50_000,
    commits: 20_000,
    page: false,
    jsonFile: undefined,
  });
});

test("everything can be set", () => {
  const args = ["--samples=2", "--turns=3", "--files=2000", "--commits=5", "--page", "--json", "/tmp/../tmp/git.json"];
  const sizes = { samples: 2, turns: 3, files: 2000, commits: 5 };
  expect(readGitOptions(args)).toEqual({ ...sizes, page: true, jsonFile: "/tmp/git.json" });
});

test.each([
  ["--samples=0", /from 1 on/],
  ["--turns=1.5", /from 1 on/],
  ["--files=10", /from 2000 on/],
  ["--commits=many", /from 1 on/],
  ["--file=1", /--file/],
])("%s is refused", (arg, message) => {
  expect(() => readGitOptions([arg])).toThrow(message);
});
