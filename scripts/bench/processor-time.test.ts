import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readProcessorMs } from "./processor-time.ts";

test.runIf(process.platform === "linux")("what an ended child computed counts, waiting does not", () => {
  const before = readProcessorMs();
  execFileSync("sh", ["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"]);
  const computed = readProcessorMs() - before;
  expect(computed).toBeGreaterThan(50);
});
