import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptEndOf, readFullOutput } from "./large-output.ts";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "large-output-"));
  file = join(directory, "tool_1");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("finds the end that OpenCode kept, without what it says of the command", () => {
  const output = `...output truncated...\n\nFull output saved to: ${file}\n\n19999\n20000\n`;
  expect(keptEndOf(output, file)).toBe("19999\n20000\n");
  expect(keptEndOf(`${output}\n\n<shell_metadata>\nIt was ended.\n</shell_metadata>`, file)).toBe("19999\n20000");
  expect(keptEndOf("only the beginning", file)).toBe("");
});

it("waits for a file that is still being written", async () => {
  writeFileSync(file, "1\n2\n");
  const read = readFullOutput(file, "3\n4\n");
  appendFileSync(file, "3\n");
  setImmediate(() => appendFileSync(file, "4\n"));
  expect(await read).toBe("1\n2\n3\n4\n");
});

it("answers nothing for a file that never gets its end, or that is gone", async () => {
  writeFileSync(file, "1\n2\n");
  expect(await readFullOutput(file, "3\n", 0)).toBeUndefined();
  expect(await readFullOutput(`${file}-gone`, "")).toBeUndefined();
});
