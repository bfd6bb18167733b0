import { afterEach, expect, it } from "vitest";
import { createGate } from "../src/testing/gate.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

it("loses and doubles nothing when the link is cut again and again", async () => {
  const gates = [createGate(), createGate(), createGate()];
  sandbox = await startSandboxUnderTest({
    script: ({ toolResults: { length } }) => {
      const gate = gates[length];
      const step = { tool: "bash", input: { command: `echo step ${length}`, description: "d" } };
      return gate ? [{ text: `Before ${length}. ` }, { wait: gate.opened }, step] : [{ text: "Done." }];
    },
  });
  const { hub } = sandbox;
  const prompt = sandbox.deliver("Go");
  for (const [index, gate] of gates.entries()) {
    const begun = (frame: (typeof hub.frames)[number]) =>
      frame.type === "part" && frame.part.text.startsWith(`Before ${index}`);
    await hub.until(() =>
      hub.frames.find((frame) => begun(frame) || (frame.type === "delta" && frame.text.startsWith(`Before ${index}`))),
    );
    const seen = hub.frames.length;
    hub.cut();
    // A new server learns of the open part without having seen its deltas.
    await hub.until(() => hub.frames.slice(seen).find(begun));
    hub.cut();
    gate.open();
  }
  expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "completed" });
  expect(hub.reports().map(({ report }) => report)).toEqual(hub.reports().map((_report, index) => index + 1));
  const ids = sandbox.settled().map(({ partId }) => partId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(sandbox.settled().flatMap(({ tool }) => tool?.output ?? [])).toEqual(["step 0\n", "step 1\n", "step 2\n"]);
  expect(hub.frames.filter((frame) => frame.type === "hello").length).toBeGreaterThan(3);
});

it("sends what was never acknowledged again, under the same numbers", async () => {
  let acks = false;
  sandbox = await startSandboxUnderTest({ script: () => [{ text: "Hi" }], hub: { ack: () => acks } });
  const { hub } = sandbox;
  await sandbox.ended(sandbox.deliver("Go"));
  const before = hub.reports();
  const received = hub.receivedReports();
  acks = true;
  hub.cut();
  await hub.until(() => (hub.receivedReports() >= received + before.length ? true : undefined));
  expect(hub.reports()).toEqual(before);
});

it("runs a prompt once, however often it is delivered", async () => {
  sandbox = await startSandboxUnderTest({ script: () => [{ text: "Hi" }] });
  const prompt = sandbox.deliver("Go");
  sandbox.deliver("Go", prompt);
  await sandbox.ended(prompt);
  sandbox.deliver("Go", prompt);
  await sandbox.ended(sandbox.deliver("Next"));
  expect(sandbox.model.requests.map(({ userText }) => userText)).toEqual(["Go", "Next"]);
  expect(sandbox.hub.bodies().filter(({ kind }) => kind === "turn.ended")).toHaveLength(2);
});

it("answers prompts that were queued, and prompts under a clock that jumps", async () => {
  const hour = 3_600_000;
  let skew = 0;
  sandbox = await startSandboxUnderTest({
    supervisor: { nowMs: () => Date.now() + skew },
    script: ({ userText, toolResults }) =>
      toolResults.length === 0
        ? [{ tool: "bash", input: { command: `echo ${userText}`, description: "d" } }]
        : [{ text: `Answer to ${userText}` }],
  });
  const queued = [sandbox.deliver("one"), sandbox.deliver("two")];
  for (const prompt of queued) expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "completed" });
  for (const [text, by] of [
    ["ahead", hour],
    ["back", 0],
    ["behind", -2 * hour],
  ] as const) {
    skew = by;
    expect(await sandbox.ended(sandbox.deliver(text))).toMatchObject({ outcome: "completed" });
  }
  const texts = sandbox.settled().flatMap(({ kind, text }) => (kind === "text" ? [text] : []));
  expect(texts).toEqual(["one", "two", "ahead", "back", "behind"].map((text) => `Answer to ${text}`));
  expect(sandbox.model.requests).toHaveLength(10);
});

it("goes on in a new container on the same volumes", async () => {
  sandbox = await startSandboxUnderTest({ script: ({ userText }) => [{ text: `Answer to ${userText}` }] });
  await sandbox.ended(sandbox.deliver("First"));
  await sandbox.run("echo kept > kept.txt");
  await sandbox.restart();
  await sandbox.ended(sandbox.deliver("Second"));
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Answer to First");
  expect((await sandbox.run("git show HEAD:kept.txt")).stdout).toBe("kept\n");
});

it("marks a turn interrupted whose container ended under it, and keeps its work", async () => {
  sandbox = await startSandboxUnderTest({
    asProcess: true,
    script: ({ userText, toolResults }) =>
      userText === "Work" && toolResults.length === 0
        ? [
            { text: "Working." },
            { tool: "bash", input: { command: "echo half > half.txt; echo on; sleep 600", description: "d" } },
          ]
        : [{ text: "Fine." }],
  });
  const prompt = sandbox.deliver("Work");
  await sandbox.hub.until(() =>
    sandbox.hub.frames.find((frame) => frame.type === "part" && frame.part.tool?.output === "on\n"),
  );
  await sandbox.killAndRestart();
  const hellos = sandbox.hub.frames.filter((frame) => frame.type === "hello");
  expect(hellos.at(-1)).toMatchObject({ openPromptId: prompt.promptId });
  expect(await sandbox.ended(prompt)).toMatchObject({ outcome: "interrupted", checkpointId: expect.any(String) });
  expect(sandbox.settled().find(({ tool }) => tool)?.tool).toMatchObject({ name: "bash", status: "interrupted" });
  expect((await sandbox.run("git show HEAD:half.txt")).stdout).toBe("half\n");
  expect(await sandbox.ended(sandbox.deliver("Next"))).toMatchObject({ outcome: "completed" });
});

it("puts the work down and ends when no server is there for too long", async () => {
  const done = createGate();
  sandbox = await startSandboxUnderTest({
    script: () => [
      { text: "x" },
      { tool: "bash", input: { command: "echo left > left.txt; echo on; sleep 600", description: "d" } },
    ],
    supervisor: { awayLimitMs: 1000, onDone: done.open },
  });
  const prompt = sandbox.deliver("Work");
  await sandbox.hub.until(() =>
    sandbox.hub.frames.find((frame) => frame.type === "part" && frame.part.tool?.output === "on\n"),
  );
  await sandbox.hub.close();
  await done.opened;
  expect((await sandbox.run("git show HEAD:left.txt")).stdout).toBe("left\n");
  const spool = await sandbox.run(`cat ${sandbox.paths.state}/spool/*.jsonl`);
  const ended = spool.stdout.split("\n").find((line) => line.includes("turn.ended"));
  expect(JSON.parse(ended ?? "{}")).toMatchObject({
    body: { kind: "turn.ended", ...prompt, outcome: "interrupted", saveError: expect.stringContaining("not there") },
  });
});
