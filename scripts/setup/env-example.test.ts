import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const listNames = (file: string, pattern: RegExp) =>
  [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map((match) => String(match[1])).toSorted();

test(".env.example and the README list exactly the variables that the server reads", () => {
  const read = listNames("packages/server/src/config.ts", /^ {2}([A-Z][A-Z_]+):/gm);
  expect(read).toContain("DATA_DIR");
  expect(listNames(".env.example", /^#?([A-Z][A-Z_]+)=/gm)).toEqual(read);
  expect(listNames("README.md", /^\| `([A-Z][A-Z_]+)`/gm)).toEqual(read);
});
