import { newId, type CheckpointId } from "@background-agents/shared/ids";
import { afterEach, expect, it, vi } from "vitest";
import { keepCheckpoint, type KeptCheckpoint } from "../src/testing/kept-checkpoint.ts";
import { git } from "../src/testing/sandbox-fixture.ts";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

// Several turns and starts of the agent each: how long they take on a busy machine says nothing.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

let sandbox: SandboxUnderTest;
/** What the server keeps, by checkpoint. */
const kept = new Map<string, KeptCheckpoint>();
afterEach(async () => {
  await sandbox.close();
  kept.clear();
});

const script: Script = ({ userText, toolResults }) =>
  userText.startsWith("Write ") && toolResults.length === 0
    ? [
        {
          tool: "bash",
          input: { command: `${userText.slice(6)}; mkdir -p ignored; echo x >> ignored/cache`, description: "d" },
        },
      ]
    : [{ text: `Answer to ${userText}` }];

const notices = () => sandbox.hub.bodies().flatMap((body) => (body.kind === "notice" ? [body.code] : []));
const lastAsked = () => JSON.stringify(sandbox.model.requests.at(-1)?.body);

/** One turn, and its checkpoint as the server keeps it. */
async function turn(text: string): Promise<KeptCheckpoint> {
  const { checkpointId } = await sandbox.ended(sandbox.deliver(text));
  if (!checkpointId) throw new Error("the turn was not saved");
  const place = { root: sandbox.root, mirror: sandbox.paths.mirror, base: sandbox.spec.baseCommit };
  const checkpoint = keepCheckpoint(place, sandbox.hub.uploads, checkpointId);
  kept.set(checkpointId, checkpoint);
  return checkpoint;
}

async function start(): Promise<void> {
  sandbox = await startSandboxUnderTest({
    script,
    hub: {
      restore: (what, checkpointId) => {
        const checkpoint = kept.get(checkpointId ?? "");
        return what === "bundle" ? checkpoint?.bundle : checkpoint?.conversation;
      },
    },
  });
}

function restoreTo(generation: number, to: { checkpointId: CheckpointId | null; commit: string }, conversation = true) {
  sandbox.hub.send({ type: "work.restore", generation, conversation, ...to });
  return sandbox.hub.untilReport("work.restored", (body) => body.generation === generation);
}

it("goes back to a turn: its files, its conversation; and forward again", async () => {
  await start();
  const first = await turn("Write echo one > one.txt");
  const second = await turn("Write echo two > two.txt; rm one.txt");
  expect(await restoreTo(1, first.restore)).not.toHaveProperty("error");
  expect((await sandbox.run("ls; cat ignored/cache; git status --porcelain; git branch --show-current")).stdout).toBe(
    `README.md\nignored\none.txt\nx\nx\n${sandbox.spec.branch}\n`,
  );
  expect(git(sandbox.tree, "rev-parse", "HEAD")).toBe(first.restore.commit);

  const third = await turn("Third");
  expect(third.restore.commit).toBe(first.restore.commit);
  expect(lastAsked()).toContain("echo one");
  expect(lastAsked()).not.toContain("two.txt");

  await restoreTo(2, second.restore);
  await turn("Fourth");
  expect(lastAsked()).toContain("two.txt");
  expect(lastAsked()).not.toContain("Answer to Third");
  expect((await sandbox.run("ls")).stdout).toBe("README.md\nignored\ntwo.txt\n");
  expect(notices()).toEqual([]);
});

it("goes back to the beginning: a new conversation on the base", async () => {
  await start();
  await turn("Write echo one > one.txt");
  await restoreTo(1, { checkpointId: null, commit: sandbox.spec.baseCommit });
  expect((await sandbox.run("ls")).stdout).toBe("README.md\nignored\n");
  await turn("Anew");
  expect(lastAsked()).not.toContain("one.txt");
});

it("takes a restore and the prompt behind it in their order, and a repeated restore once", async () => {
  await start();
  const first = await turn("Write echo one > one.txt");
  await turn("Write echo two > two.txt");
  const order = { type: "work.restore" as const, ...first.restore, generation: 1, conversation: true };
  sandbox.hub.send(order);
  sandbox.hub.send(order);
  await turn("Write ls > seen.txt");
  expect((await sandbox.run("cat seen.txt")).stdout).toBe("README.md\nignored\none.txt\nseen.txt\n");
  expect(lastAsked()).not.toContain("two.txt");
  sandbox.hub.send(order);
  await turn("Last");
  expect((await sandbox.run("cat seen.txt")).stdout).toContain("one.txt");
  expect(sandbox.hub.bodies().filter(({ kind }) => kind === "work.restored")).toHaveLength(1);
});

it("keeps the conversation where only files were discarded", async () => {
  await start();
  const first = await turn("Write echo one > one.txt");
  await turn("Write echo two > two.txt");
  await restoreTo(1, first.restore, false);
  expect((await sandbox.run("ls")).stdout).toBe("README.md\nignored\none.txt\n");
  await turn("Next");
  expect(lastAsked()).toContain("two.txt");
});

it("keeps what no checkpoint holds, ends a rebase, and says where", async () => {
  await start();
  const first = await turn("Write echo one > one.txt");
  await turn("Write echo two > one.txt");
  await sandbox.run(
    "echo three > one.txt; echo fresh > fresh.txt; git add -A; git -c user.name=A -c user.email=a@b commit -qm three; git rebase --exec false HEAD~1",
  );
  expect((await sandbox.run("git status")).stdout).toContain("rebase in progress");
  await sandbox.run("echo unsaved > unsaved.txt");
  await restoreTo(1, first.restore);
  expect((await sandbox.run("git status; ls")).stdout).toMatch(/nothing to commit[^]*README.md\nignored\none.txt\n$/);
  expect((await sandbox.run("git show refs/background-agents/before-restore-1:unsaved.txt")).stdout).toBe("unsaved\n");
  expect(notices()).toContain("work.backed-up");
});

it("works on no prompt in a state that the user left, and tries again", async () => {
  await start();
  await turn("Write echo one > one.txt");
  const missing = { checkpointId: newId("checkpoint"), commit: "1".repeat(40) };
  expect(await restoreTo(1, missing)).toMatchObject({ error: expect.stringContaining("no bundle") });
  const refused = await sandbox.ended(sandbox.deliver("Refused"));
  expect(refused).toMatchObject({ outcome: "failed", error: { code: "work.restore-failed" } });
  expect(refused).not.toHaveProperty("checkpointId");
  await restoreTo(2, { checkpointId: null, commit: sandbox.spec.baseCommit });
  expect(await sandbox.ended(sandbox.deliver("Taken"))).toMatchObject({ outcome: "completed" });
});

it("follows at its next boot where it was not there when the user went back", async () => {
  await start();
  const first = await turn("Write echo one > one.txt");
  const second = await turn("Write echo two > two.txt");
  sandbox.spec.restore = first.restore;
  sandbox.spec.restored = { ...first.restore, generation: 1, conversation: true };
  await sandbox.restart();
  expect((await sandbox.run("ls")).stdout).toBe("README.md\nignored\none.txt\n");
  await turn("Write echo three > three.txt");
  expect(lastAsked()).not.toContain("two.txt");
  // A state that is older than the work that followed it does not come back at the boot after.
  sandbox.spec.restore = second.restore;
  await sandbox.restart();
  expect((await sandbox.run("ls")).stdout).toBe("README.md\nignored\none.txt\nthree.txt\n");
});
