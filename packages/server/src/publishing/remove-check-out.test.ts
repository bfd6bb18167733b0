import { existsSync, renameSync, rmSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPublisher } from "../repositories/publish.ts";
import { commitFiles, plainGit, writeFiles } from "../repositories/testing/git-fixture.ts";
import { makeSandbox } from "../repositories/testing/sandbox-fixture.ts";
import { checkOut } from "./check-out.ts";
import { removeCheckOut } from "./remove-check-out.ts";

const BRANCH = "agents/add-a-thing-abc123";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
let user: string;
let commit: string;
let session: Session;
let path: string;

beforeEach(async () => {
  sandbox = await makeSandbox();
  user = sandbox.user;
  commit = commitFiles(sandbox.workspace, { "a.txt": "a\n", ".gitignore": "cache\n" });
  await sandbox.import(commit, sandbox.bundle(commit));
  const repository = { id: newId("repository"), name: "user", path: user };
  session = { ...({} as Session), id: sandbox.sessionId, branch: BRANCH, repository };
  const quarantinePath = sandbox.quarantine.path(sandbox.sessionId);
  const request = { repositoryPath: user, quarantinePath, commit, branch: BRANCH, previous: null, ownWorktree: null };
  await createPublisher({ git: sandbox.git }).publish(request);
  path = (await checkOut(sandbox.git, order())).path;
});
afterEach(() => sandbox.remove());

const order = (signal = new AbortController().signal) => ({ session, commit, path, signal, onLog: () => undefined });
const remove = (signal?: AbortSignal) => removeCheckOut(sandbox.git, order(signal));

it("removes a clean one with what git ignores, leaves the branch, and runs no filter", async () => {
  writeFiles(path, { cache: "made again" });
  const evidence = join(sandbox.temp, "evidence");
  plainGit(user, ["config", "filter.evil.clean", `sh -c 'echo ran >> "${evidence}"; cat'`]);
  plainGit(user, ["config", "core.fsmonitor", `sh -c 'echo ran >> "${evidence}"'`]);
  writeFiles(user, { ".git/info/attributes": "* filter=evil\n" });
  utimesSync(join(path, "a.txt"), 1, 1);
  expect(await remove()).toEqual({ removed: true });
  expect(existsSync(dirname(path))).toBe(false);
  expect(plainGit(user, ["rev-parse", BRANCH])).toBe(commit);
  expect(plainGit(user, ["worktree", "list", "--porcelain"])).not.toContain(path);
  expect(existsSync(evidence)).toBe(false);
});

it.each([
  ["a changed file", () => writeFiles(path, { "a.txt": "mine" }), "a.txt"],
  ["a new file", () => writeFiles(path, { "new.txt": "mine" }), "new.txt"],
  ["a file that is only staged", () => stage({ "staged.txt": "mine" }), "staged.txt"],
  [
    "a change that is staged, its file gone",
    () => {
      stage({ "a.txt": "mine" });
      rmSync(join(path, "a.txt"));
    },
    "a.txt",
  ],
  ["a removal that is staged", () => plainGit(path, ["rm", "--quiet", "a.txt"]), "a.txt"],
  [
    "a new file beside missing ones",
    () => {
      rmSync(join(path, "a.txt"));
      writeFiles(path, { "new.txt": "mine" });
    },
    "new.txt",
  ],
])("refuses with %s, and names it", async (_what, change, name) => {
  change();
  await expect(remove()).rejects.toMatchObject({ code: "tree.not-clean", message: expect.stringContaining(name) });
  expect(existsSync(path)).toBe(true);
});

it("refuses where the user does something else there", async () => {
  plainGit(user, ["worktree", "lock", path]);
  await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining("is locked") });
  plainGit(user, ["worktree", "unlock", path]);
  plainGit(path, ["checkout", "--quiet", "-b", "mine"]);
  await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining("is on mine by now") });
  plainGit(path, ["checkout", "--quiet", "--detach"]);
  await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining("is on no branch by now") });
  path = user;
  await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining("the repository itself") });
});

it("leaves a locked one alone, also where its directory is away", async () => {
  plainGit(user, ["worktree", "lock", "--reason", "on a disk", path]);
  const away = join(sandbox.temp, "away");
  renameSync(path, away);
  await expect(remove()).rejects.toMatchObject({ code: "branch.refused", message: expect.stringContaining("locked") });
  renameSync(away, path);
  expect(plainGit(path, ["rev-parse", "HEAD"])).toBe(commit);
  plainGit(user, ["worktree", "unlock", path]);
  expect(await remove()).toEqual({ removed: true });
});

it("finishes a removal that was cut off", async () => {
  writeFiles(path, { cache: "ignored" });
  for (const gone of ["a.txt", ".gitignore"]) rmSync(join(path, gone));
  expect(await remove()).toEqual({ removed: true });
  expect(existsSync(path)).toBe(false);
  expect(plainGit(user, ["rev-parse", BRANCH])).toBe(commit);
});

it("does not finish one with submodules: their commits may be nowhere else", async () => {
  const inner = join(path, "inner");
  plainGit(path, ["init", "--quiet", inner]);
  commitFiles(inner, { "own.txt": "own\n" });
  plainGit(path, ["add", "inner"]);
  plainGit(path, ["commit", "--quiet", "-m", "With a submodule"]);
  rmSync(join(path, "a.txt"));
  await expect(remove()).rejects.toMatchObject({ message: expect.stringContaining("has submodules") });
  expect(existsSync(join(inner, "own.txt"))).toBe(true);
});

it("says what to do where the .git file went before the rest, and then forgets the tree", async () => {
  rmSync(join(path, ".git"));
  await expect(remove()).rejects.toMatchObject({
    ...{ code: "branch.refused", message: expect.stringContaining("lost its .git file") },
    details: { advice: expect.stringContaining("delete the directory") },
  });
  expect(existsSync(join(path, "a.txt"))).toBe(true);
  rmSync(path, { recursive: true });
  expect(await remove()).toEqual({ removed: false });
  expect(plainGit(user, ["worktree", "list", "--porcelain"])).not.toContain(path);
});

it("begins nothing once it is cancelled, and ends what it began", async () => {
  const cancelled = new AbortController();
  cancelled.abort();
  await expect(remove(cancelled.signal)).rejects.toMatchObject({ name: "AbortError" });
  expect(existsSync(join(path, "a.txt"))).toBe(true);

  const abort = new AbortController();
  const { git } = sandbox;
  const cancelling: typeof git = {
    ...git,
    run(args, options) {
      const running = git.run(args, options);
      if (args[1] === "remove") abort.abort();
      return running;
    },
  };
  expect(await removeCheckOut(cancelling, order(abort.signal))).toEqual({ removed: true });
  expect(abort.signal.aborted).toBe(true);
});

it("forgets one that the user removed, by git or by hand", async () => {
  rmSync(path, { recursive: true });
  expect(await remove()).toEqual({ removed: false });
  expect(plainGit(user, ["worktree", "list", "--porcelain"])).not.toContain(path);
  expect(await remove()).toEqual({ removed: false });
});

function stage(files: Record<string, string>): void {
  writeFiles(path, files);
  plainGit(path, ["add", ...Object.keys(files)]);
}
