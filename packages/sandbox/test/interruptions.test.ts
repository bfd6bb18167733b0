import { afterEach, expect, it } from "vitest";
import { createGate } from "../src/testing/gate.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const sleeper: Script = ({ userText, toolResults }) =>
  userText === "Sleep" && toolResults.length === 0
    ? [
        { text: "Sleeping." },
        { tool: "bash", input: { command: "echo begun > begun; echo awake; sleep 600", description: "d" } },
      ]
    : [{ text: `Answer to ${userText}` }];

const untilSleeping = () =>
  sandbox.hub.until(() =>
    sandbox.hub.frames.find((frame) => frame.type === "part" && frame.part.tool?.output === "awake\n"),
  );

const texts = () => sandbox.settled().flatMap(({ kind, text }) => (kind === "text" ? [text] : []));

it("stops a running command; the next prompt is answered", async () => {
  sandbox = await startSandboxUnderTest({ script: sleeper });
  const first = sandbox.deliver("Sleep");
  await untilSleeping();
  sandbox.hub.send({ type: "turn.stop", turnId: first.turnId });
  expect(await sandbox.ended(first)).toMatchObject({ outcome: "interrupted", checkpointId: expect.any(String) });
  expect(sandbox.settled().find(({ tool }) => tool)?.tool).toMatchObject({ status: "interrupted", output: "awake\n" });
  expect((await sandbox.run("git show --stat --format=%s HEAD")).stdout).toContain("begun");

  const second = sandbox.deliver("Go on");
  expect(await sandbox.ended(second)).toMatchObject({ outcome: "completed" });
  expect(texts()).toEqual(["Sleeping.", "Answer to Go on"]);
  expect(sandbox.hub.bodies().filter(({ kind }) => kind === "turn.ended")).toHaveLength(2);
});

it("stops a model that is still talking", async () => {
  const never = createGate();
  sandbox = await startSandboxUnderTest({
    script: ({ userText }) =>
      userText === "Talk" ? [{ text: ["Blah ", "blah"] }, { wait: never.opened }] : [{ text: `Answer to ${userText}` }],
  });
  const first = sandbox.deliver("Talk");
  await sandbox.hub.until(() =>
    sandbox.hub.frames.find((frame) => frame.type === "delta" && frame.text.includes("blah")),
  );
  sandbox.hub.send({ type: "turn.stop", turnId: first.turnId });
  expect(await sandbox.ended(first)).toMatchObject({ outcome: "interrupted" });
  expect(texts()).toEqual(["Blah blah"]);
  expect(await sandbox.ended(sandbox.deliver("Next"))).toMatchObject({ outcome: "completed" });
  expect(texts()).toEqual(["Blah blah", "Answer to Next"]);
  never.open();
});

it("ends a turn that was stopped before the agent had it", async () => {
  sandbox = await startSandboxUnderTest({ script: sleeper });
  const first = sandbox.deliver("Sleep");
  sandbox.hub.send({ type: "turn.stop", turnId: first.turnId });
  expect(await sandbox.ended(first)).toMatchObject({ outcome: "interrupted" });
  expect(await sandbox.ended(sandbox.deliver("Next"))).toMatchObject({ outcome: "completed" });
});

it("ends the agent's process when it does not obey, and starts it again", async () => {
  sandbox = await startSandboxUnderTest({ script: sleeper, supervisor: { abortMs: 1 } });
  const first = sandbox.deliver("Sleep");
  await untilSleeping();
  sandbox.hub.send({ type: "turn.stop", turnId: first.turnId });
  expect(await sandbox.ended(first)).toMatchObject({ outcome: "interrupted" });
  expect(await sandbox.hub.untilReport("stop.escalated")).toMatchObject({
    ...first,
    step: "restart-agent",
    afterMs: expect.any(Number),
  });
  expect(await sandbox.ended(sandbox.deliver("Go on"))).toMatchObject({ outcome: "completed" });
  expect(texts().at(-1)).toBe("Answer to Go on");
});

it("fails the turn when OpenCode dies; the next prompt is answered in the same conversation", async () => {
  sandbox = await startSandboxUnderTest({ script: sleeper });
  const first = sandbox.deliver("Sleep");
  await untilSleeping();
  const pids = sandbox.openCodePids();
  expect(pids).toHaveLength(1);
  for (const pid of pids) process.kill(pid, "SIGKILL");
  expect(await sandbox.ended(first)).toMatchObject({
    outcome: "failed",
    error: { code: "agent.failed", message: expect.stringContaining("SIGKILL") },
  });
  expect(sandbox.settled().find(({ tool }) => tool)?.tool).toMatchObject({ status: "interrupted", output: "awake\n" });
  expect(sandbox.hub.bodies().find((body) => body.kind === "notice")).toMatchObject({ code: "agent.restarted" });
  expect(await sandbox.ended(sandbox.deliver("Go on"))).toMatchObject({ outcome: "completed" });
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Sleeping.");
});

it("fails an unknown model with one reason, and answers the next prompt", async () => {
  sandbox = await startSandboxUnderTest({ script: sleeper });
  const first = sandbox.deliver("Hi", { model: { providerID: "anthropic", modelID: "no-such-model" } });
  expect(await sandbox.ended(first)).toMatchObject({
    outcome: "failed",
    error: { code: "model.unknown", message: "Model not found: anthropic/no-such-model." },
  });
  expect(await sandbox.ended(sandbox.deliver("Next"))).toMatchObject({ outcome: "completed" });
});

it("waits out a rate limit and says so", async () => {
  sandbox = await startSandboxUnderTest({
    script: ({ index }) =>
      index === 0 ? [{ status: 429, headers: { "retry-after": "1" }, message: "Slow down." }] : [{ text: "Here." }],
  });
  const prompt = sandbox.deliver("Hi");
  const retry = await sandbox.hub.untilReport("retry.scheduled");
  expect(retry).toMatchObject({ ...prompt, attempt: 1 });
  expect(Date.parse(retry.nextAt)).toBeGreaterThan(0);
  expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "completed" });
  expect(texts()).toEqual(["Here."]);
});

it("fails with the provider's own words where it refuses", async () => {
  sandbox = await startSandboxUnderTest({ script: () => [{ status: 401, message: "This key is not valid." }] });
  expect(await sandbox.ended(sandbox.deliver("Hi"))).toMatchObject({
    outcome: "failed",
    error: { code: "provider.failed", message: expect.stringContaining("This key is not valid.") },
  });
});

it("asks again when the model's stream breaks, and keeps no half text", async () => {
  sandbox = await startSandboxUnderTest({
    script: ({ index }) => (index === 0 ? [{ text: ["Half ", "a "] }, { reset: true }] : [{ text: "The whole text." }]),
  });
  expect(await sandbox.ended(sandbox.deliver("Hi"))).toMatchObject({ outcome: "completed" });
  expect(texts().filter(Boolean)).toEqual(["The whole text."]);
});
