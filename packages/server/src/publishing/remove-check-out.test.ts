import { existsSync, rmSync, utimesSync } from "node:fs";
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

const order = () => ({ session, path, signal: new AbortController().signal, onLog: () => undefined });
const remove = () => removeCheckOut(sandbox.git, order());

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
