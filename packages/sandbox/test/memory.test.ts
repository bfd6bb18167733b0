import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
let cgroup: string | undefined;
afterEach(async () => {
  await sandbox.close();
  if (cgroup) rmSync(cgroup, { recursive: true });
  cgroup = undefined;
});

const answer: Script = ({ userText }) => [{ text: `Answer to ${userText}` }];
const notices = () => sandbox.hub.bodies().flatMap((body) => (body.kind === "notice" ? [body] : []));

it.each([
  [1, true],
  [64 * 2 ** 30, false],
])("with a limit of %i bytes, starts the agent anew between turns: %s", async (agentMemoryLimitBytes, recycled) => {
  sandbox = await startSandboxUnderTest({ script: answer, supervisor: { agentMemoryLimitBytes } });
  const [before] = sandbox.openCodePids();
  expect(await sandbox.ended(sandbox.deliver("First"))).toMatchObject({ outcome: "completed" });
  expect(await sandbox.ended(sandbox.deliver("Second"))).toMatchObject({ outcome: "completed" });
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Answer to First");
  expect(notices()[0]?.code).toBe(recycled ? "agent.recycled" : undefined);
  expect(notices().filter(({ code }) => code === "agent.restarted")).toEqual([]);
  expect(sandbox.openCodePids().includes(before ?? 0)).toBe(!recycled);
});

it("says that the memory ran out when the kernel ended the agent for it", async () => {
  cgroup = mkdtempSync(join(tmpdir(), "cgroup-"));
  sandbox = await startSandboxUnderTest({
    script: ({ userText, toolResults }) =>
      userText === "Work" && toolResults.length === 0
        ? [{ tool: "bash", input: { command: "echo on; sleep 600", description: "d" } }]
        : [{ text: "Fine." }],
    supervisor: { cgroup },
  });
  const prompt = sandbox.deliver("Work");
  await sandbox.hub.until(() =>
    sandbox.hub.frames.find((frame) => frame.type === "part" && frame.part.tool?.output === "on\n"),
  );
  writeFileSync(join(cgroup, "memory.events"), "oom_kill 1\n");
  for (const pid of sandbox.openCodePids()) process.kill(pid, "SIGKILL");
  expect(await sandbox.ended(prompt)).toMatchObject({
    outcome: "failed",
    error: { code: "agent.failed", message: expect.stringContaining("ran out of memory") },
  });
  expect(await sandbox.ended(sandbox.deliver("Next"))).toMatchObject({ outcome: "completed" });
});
