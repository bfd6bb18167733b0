import { rmSync, mkdirSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { type KeptCheckpoint, keepCheckpoint } from "../src/testing/kept-checkpoint.ts";
import { git } from "../src/testing/sandbox-fixture.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

// The agent starts several times: how long that takes on a busy machine says nothing.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let sandbox: SandboxUnderTest;
let kept: KeptCheckpoint | undefined;
afterEach(() => sandbox.close());

const script: Script = ({ userText, toolResults }) =>
  userText === "First" && toolResults.length === 0
    ? [{ tool: "bash", input: { command: "echo kept > kept.txt; echo more >> README.md", description: "d" } }]
    : [{ text: `Answer to ${userText}` }];

const notices = () => sandbox.hub.bodies().flatMap((body) => (body.kind === "notice" ? [body] : []));

function lose(volume: "workspace" | "state"): void {
  rmSync(sandbox.paths[volume], { recursive: true });
  mkdirSync(sandbox.paths[volume]);
}

/** A sandbox whose first turn made a checkpoint that the server now has. */
async function workAndKeep(change: (kept: KeptCheckpoint) => KeptCheckpoint = (same) => same): Promise<void> {
  kept = undefined;
  sandbox = await startSandboxUnderTest({
    script,
    hub: { restore: (what) => (what === "bundle" ? kept?.bundle : kept?.conversation) },
  });
  const { checkpointId } = await sandbox.ended(sandbox.deliver("First"));
  if (!checkpointId) throw new Error("the turn was not saved");
  const place = { root: sandbox.root, mirror: sandbox.paths.mirror, base: sandbox.spec.baseCommit };
  kept = change(keepCheckpoint(place, sandbox.hub.uploads, checkpointId));
  sandbox.spec.restore = kept.restore;
}

it("rebuilds the tree and the conversation when both volumes are lost, and says so", async () => {
  await workAndKeep();
  await sandbox.restart(() => {
    lose("workspace");
    lose("state");
  });
  expect(git(sandbox.tree, "rev-parse", "HEAD", sandbox.spec.branch).split("\n")).toEqual([
    kept?.restore.commit,
    kept?.restore.commit,
  ]);
  expect((await sandbox.run("cat kept.txt; git status --porcelain; git branch --show-current")).stdout).toBe(
    `kept\n${sandbox.spec.branch}\n`,
  );
  expect(notices()).toMatchObject([
    { code: "sandbox.rebuilt", message: expect.stringContaining("the working tree and the conversation came back") },
  ]);

  const ended = await sandbox.ended(sandbox.deliver("Second"));
  expect(ended).toMatchObject({ outcome: "completed", checkpointId: expect.any(String) });
  const asked = JSON.stringify(sandbox.model.requests.at(-1)?.body);
  expect(asked).toContain("Answer to First");
  expect(asked).toContain("echo kept");
  const upload = sandbox.hub.uploads.find(({ path }) => path === `/conversation/${ended.checkpointId}`);
  expect(JSON.parse(upload?.body.toString() ?? "{}")).toMatchObject({
    info: { id: (JSON.parse(kept?.conversation?.toString() ?? "{}") as { info: { id: string } }).info.id },
  });
});

it("begins a fork from what was forked, and speaks of no loss", async () => {
  await workAndKeep((all) => ({ ...all, restore: { ...all.restore, forked: true } }));
  await sandbox.restart(() => {
    lose("workspace");
    lose("state");
  });
  expect((await sandbox.run("cat kept.txt")).stdout).toBe("kept\n");
  expect(notices()).toEqual([]);
  await sandbox.ended(sandbox.deliver("Second"));
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Answer to First");
});

it("begins a conversation without a word where there was none", async () => {
  await workAndKeep((all) => ({ ...all, restore: { ...all.restore, conversation: false } }));
  await sandbox.restart(() => lose("state"));
  expect(notices()).toEqual([]);
  await sandbox.ended(sandbox.deliver("Second"));
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).not.toContain("Answer to First");
});

it("keeps the tree as the agent left it when only OpenCode's data is lost", async () => {
  await workAndKeep();
  await sandbox.run("echo unsaved > unsaved.txt");
  await sandbox.restart(() => lose("state"));
  expect((await sandbox.run("cat unsaved.txt")).stdout).toBe("unsaved\n");
  expect(notices()).toMatchObject([
    { code: "sandbox.rebuilt", message: expect.stringContaining("lost: the conversation came") },
  ]);
  await sandbox.ended(sandbox.deliver("Second"));
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Answer to First");
});

it("keeps OpenCode's newer conversation when only the tree is lost", async () => {
  await workAndKeep();
  await sandbox.ended(sandbox.deliver("Only talk"));
  await sandbox.restart(() => lose("workspace"));
  expect((await sandbox.run("cat kept.txt")).stdout).toBe("kept\n");
  await sandbox.ended(sandbox.deliver("Second"));
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).toContain("Answer to Only talk");
});

it.each([
  [
    "is broken",
    (all: KeptCheckpoint) => ({ ...all, conversation: Buffer.from('{"info":{"id":"ses_x"},"messages":7}') }),
  ],
  ["was not kept", (all: KeptCheckpoint) => ({ ...all, conversation: undefined })],
])("begins a new conversation, and says why, when the old one %s", async (_name, change) => {
  await workAndKeep(change);
  await sandbox.restart(() => lose("state"));
  expect(notices()).toMatchObject([{ level: "warning", code: "sandbox.conversation-lost" }]);
  expect(await sandbox.ended(sandbox.deliver("Second"))).toMatchObject({ outcome: "completed" });
  expect(JSON.stringify(sandbox.model.requests.at(-1)?.body)).not.toContain("Answer to First");
});

it.each([
  ["is broken", (all: KeptCheckpoint) => ({ ...all, bundle: Buffer.from("no bundle") })],
  ["is another commit's", (all: KeptCheckpoint) => ({ ...all, restore: { ...all.restore, commit: "1".repeat(40) } })],
])("fails the boot, never starting from the base, when the bundle %s", async (_name, change) => {
  await workAndKeep(change);
  const restarted = sandbox.restart(() => lose("workspace"));
  restarted.catch(() => undefined);
  expect(await sandbox.hub.untilReport("boot.failed")).toMatchObject({ phase: "clone" });
  expect(sandbox.hub.readyCount()).toBe(1);
});
