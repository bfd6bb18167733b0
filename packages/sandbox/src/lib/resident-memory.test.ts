import { expect, it } from "vitest";
import { readResidentBytes } from "./resident-memory.ts";

it.runIf(process.platform === "linux")("reads what a process holds, and nothing of one that is not there", async () => {
  const held = await readResidentBytes(process.pid);
  expect(held).toBeGreaterThan(10 * 2 ** 20);
  expect(held).toBeLessThan(process.memoryUsage().rss * 2);
  expect(await readResidentBytes(2 ** 30)).toBeUndefined();
});
