import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startProcess, type ReadyProcessOrder } from "./page-process.ts";

const start = (program: string, order: Partial<ReadyProcessOrder> = {}) =>
  startProcess({ args: ["-e", program], cwd: tmpdir(), env: {}, ready: /^ready on (\d+)$/, ...order });

test("answers what a process says once it is ready, and ends it", async () => {
  const { ready, stop } = start("console.log('wait'); console.log('ready on 80'); setInterval(() => {}, 1000)");
  expect(await ready).toEqual(["80"]);
  await stop();
});

test("says with what words a process ended before it was ready", async () => {
  const { ready, stop } = start("console.log('one'); console.error('no such build'); process.exitCode = 3");
  await expect(ready).rejects.toThrow(/ended \(exit code 3\) before it was ready.*\n[^]*no such build/);
  await stop();
});

test("gives up one that never says so, which can be ended then", async () => {
  const { ready, stop } = start("setInterval(() => {}, 1000)", { readyWithinMs: 1 });
  await expect(ready).rejects.toThrow("was not ready within 0.001 s.");
  await stop();
});

test("says why a process could not be started", async () => {
  const { ready, stop } = start("", { cwd: join(tmpdir(), "no-such-directory-of-ours") });
  await expect(ready).rejects.toThrow(/could not be started: spawn .* ENOENT/);
  await stop();
});
