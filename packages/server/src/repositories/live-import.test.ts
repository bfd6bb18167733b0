import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId, type TurnId } from "@background-agents/shared/ids";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, beforeEach, expect, it } from "vitest";
import { commitFiles, plainGit } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  sandbox = await makeSandbox();
});
afterEach(() => sandbox.remove());

/** The working tree with this file as a commit above HEAD and the one shown before; nothing of the branch moves. */
function snapshot(content: string, before?: string): string {
  const { workspace } = sandbox;
  writeFileSync(join(workspace, "a.txt"), content);
  plainGit(workspace, ["add", "-A"]);
  const parents = ["HEAD", ...(before === undefined ? [] : [before])].flatMap((parent) => ["-p", parent]);
  return plainGit(workspace, ["commit-tree", plainGit(workspace, ["write-tree"]), ...parents, "-m", "Live"]);
}

function show(turnId: TurnId, commit: string, known: string[] = []) {
  const { workspace, sessionId, repositoryId, base, quarantine, temp } = sandbox;
  const file = join(temp, "live.bundle");
  plainGit(workspace, ["update-ref", BUNDLE_REF, commit]);
  plainGit(workspace, ["bundle", "create", "--quiet", file, BUNDLE_REF, ...[base, ...known].map((one) => `^${one}`)]);
  const bundle = Readable.from([readFileSync(file)]);
  return quarantine.importLive({ sessionId, repositoryId, turnId, commit, baseCommit: base, bundle });
}

const liveDir = () => join(sandbox.dataDir, "quarantine", sandbox.sessionId, "live.git");

it("takes what is new since the look before, and answers what differs from the base", async () => {
  const { sessionId, base, quarantine } = sandbox;
  const turnId = newId("turn");
  const first = snapshot("one\n");
  expect(await show(turnId, first)).toEqual({ files: 1, additions: 1, deletions: 0 });
  const second = snapshot("one\ntwo\n", first);
  expect(await show(turnId, second, [first])).toEqual({ files: 1, additions: 2, deletions: 0 });
  expect(await quarantine.findLive(sessionId)).toEqual({ turnId, commit: second });
  expect(await quarantine.diff({ sessionId, from: base, to: second })).toContain("+two");
  expect(plainGit(liveDir(), ["fsck", "--strict"])).toBe("");
  // The session's own repository has nothing of it.
  expect(plainGit(quarantine.path(sessionId), ["for-each-ref"])).toBe("");
  expect(() => plainGit(quarantine.path(sessionId), ["cat-file", "-e", second])).toThrow("Command failed");
});

it("forgets the look of another turn, and refuses what builds on it", async () => {
  const { sessionId, quarantine } = sandbox;
  const [one, two] = [newId("turn"), newId("turn")];
  const first = snapshot("one\n");
  await show(one, first);
  const second = snapshot("two\n", first);
  await expect(show(two, second, [first])).rejects.toMatchObject({ code: "checkpoint.refused" });
  expect(await quarantine.findLive(sessionId)).toBeUndefined();
  await show(two, snapshot("two\n"));
  await quarantine.removeLive(sessionId, one);
  expect(await quarantine.findLive(sessionId)).toMatchObject({ turnId: two });
  await quarantine.removeLive(sessionId, two);
  expect(existsSync(liveDir())).toBe(false);
});

it("keeps the checkpoint of the turn when the look is gone, and builds the next look on the checkpoint", async () => {
  const { sessionId, quarantine, workspace } = sandbox;
  const turnId = newId("turn");
  await show(turnId, snapshot("one\n"));
  const commit = commitFiles(workspace, { "a.txt": "one\ntwo\n" });
  const imported = await sandbox.import(commit, sandbox.bundle(commit));
  expect(imported.changes.additions).toBe(2);
  rmSync(liveDir(), { recursive: true });
  expect(plainGit(quarantine.path(sessionId), ["fsck", "--strict"])).toBe("");
  const next = snapshot("one\ntwo\nthree\n");
  expect(await show(newId("turn"), next, [commit])).toEqual({ files: 1, additions: 3, deletions: 0 });
});

it("refuses a look with holes, or of another commit than announced", async () => {
  const turnId = newId("turn");
  const first = snapshot("one\n");
  const second = snapshot("two\n", first);
  await expect(show(turnId, second, [first])).rejects.toMatchObject({ code: "checkpoint.refused" });
  const { sessionId, repositoryId, base: baseCommit, quarantine } = sandbox;
  const order = { sessionId, repositoryId, turnId, baseCommit, bundle: Readable.from([]) };
  await expect(quarantine.importLive({ ...order, commit: second })).rejects.toMatchObject({
    code: "checkpoint.refused",
  });
  expect(await quarantine.findLive(sessionId)).toBeUndefined();
});
