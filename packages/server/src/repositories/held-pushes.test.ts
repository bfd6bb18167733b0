import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import type { SessionId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AppError } from "../lib/app-error.ts";
import { createQuarantine } from "./quarantine.ts";
import { commitFiles, plainGit } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

function hold(commit: string, bundle: Buffer = sandbox.bundle(commit), { quarantine } = sandbox) {
  const { sessionId, repositoryId, base: baseCommit } = sandbox;
  return quarantine.holdPush({ sessionId, repositoryId, commit, baseCommit, bundle: Readable.from([bundle]) });
}

const place = () => join(sandbox.dataDir, "quarantine", sandbox.sessionId);
const listHeld = () => (existsSync(join(place(), "pushes")) ? readdirSync(join(place(), "pushes")) : []);

it("leaves nothing of what nobody allowed, and shows it until then", async () => {
  const { base, sessionId, quarantine } = sandbox;
  const commit = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  const held = await hold(commit);
  expect(sandbox.holds(commit)).toBe(false);
  expect(await quarantine.changes({ sessionId, from: base, to: commit })).toMatchObject([{ path: "a.txt" }]);
  expect(await quarantine.diff({ sessionId, from: base, to: commit })).toContain("+a");
  expect(await quarantine.findPlace({ sessionId }, [base, commit])).toBe(held.gitDir);
  await held.release();
  expect(listHeld()).toEqual([]);
  expect(plainGit(quarantine.path(sessionId), ["count-objects", "-v"])).toMatch(/^in-pack: 0$/m);
  await expect(quarantine.diff({ sessionId, from: base, to: commit })).rejects.toMatchObject({
    code: "checkpoint.not-found",
  });
});

it("makes what was allowed the session's own, whole and for good", async () => {
  const { sessionId, quarantine } = sandbox;
  const first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  const held = await hold(first);
  await held.keep();
  await held.release();
  expect(listHeld()).toEqual([]);
  expect(sandbox.holds(first)).toBe(true);
  expect(plainGit(quarantine.path(sessionId), ["for-each-ref", "--format=%(refname)"])).toBe(
    `refs/agent-push/${first}`,
  );
  expect(plainGit(quarantine.path(sessionId), ["fsck", "--strict"])).toBe("");
  // A command whose answer got lost comes again, and has nothing new to send.
  const again = await hold(first, Buffer.alloc(0));
  await again.release();
  const second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  const next = await hold(second, sandbox.bundle(second, [first]));
  await next.release();
  expect([sandbox.holds(first), sandbox.holds(second)]).toEqual([true, false]);
});

it("holds a commit once that is asked for twice, until the last one is done", async () => {
  const commit = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  const [one, two] = await Promise.all([hold(commit), hold(commit)]);
  expect(listHeld()).toHaveLength(1);
  await one.release();
  expect(plainGit(two.gitDir, ["cat-file", "-t", commit])).toBe("commit");
  await two.keep();
  await two.release();
  expect([listHeld(), sandbox.holds(commit)]).toEqual([[], true]);
});

it("leaves nothing of what is not sound", async () => {
  const first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  const second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  await expect(hold(second, sandbox.bundle(second, [first]))).rejects.toMatchObject({ code: "checkpoint.refused" });
  await expect(hold("../../x", Buffer.alloc(0))).rejects.toMatchObject({ code: "checkpoint.refused" });
  await expect(hold(second, Buffer.alloc(0))).rejects.toMatchObject({ code: "checkpoint.refused" });
  expect(listHeld()).toEqual([]);
});

it("reads nothing of a push where no more is kept of the session", async () => {
  const { git, dataDir, mirrors, sessionId, repositoryId, base: baseCommit } = sandbox;
  const commit = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  let isFull = true;
  const requireRoom = async (asked: SessionId) => {
    if (isFull && asked === sessionId) throw new AppError("storage.failed", "its share is full");
  };
  const quarantine = createQuarantine({ git, dataDir, mirrors, requireRoom });
  const bundle = new PassThrough();
  const push = { sessionId, repositoryId, commit, baseCommit, bundle };
  // Whose end never comes: it is refused without a look.
  bundle.write(sandbox.bundle(commit));
  await expect(quarantine.holdPush(push)).rejects.toMatchObject({ code: "storage.failed" });
  expect([listHeld(), bundle.readableFlowing]).toEqual([[], null]);
  isFull = false;
  bundle.end();
  const held = await quarantine.holdPush(push);
  expect(listHeld()).toEqual([`${commit}.git`]);
  await held.release();
});

it("clears away what waited when the server was killed, and nothing that waits now", async () => {
  const { git, dataDir, mirrors, sessionId } = sandbox;
  const first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  await hold(first);
  const quarantine = createQuarantine({ git, dataDir, mirrors });
  const second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  const held = await hold(second, sandbox.bundle(second), { ...sandbox, quarantine });
  expect(listHeld()).toEqual([`${second}.git`]);
  await quarantine.dropUnheldPushes(sessionId);
  expect(listHeld()).toEqual([`${second}.git`]);
  await held.release();
  await hold(first);
  await createQuarantine({ git, dataDir, mirrors }).dropUnheldPushes(sessionId);
  expect(listHeld()).toEqual([]);
});
