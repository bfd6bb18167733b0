import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPublisher } from "./publish.ts";
import { commitFiles, hashTree, makeRepository, plainGit, plantHooks } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

const BRANCH = "agents/add-a-thing-abc123";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
let first: string;
let second: string;

beforeEach(async () => {
  sandbox = await makeSandbox();
  first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  await sandbox.import(first, sandbox.bundle(first));
  second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  await sandbox.import(second, sandbox.bundle(second, [first]));
});
afterEach(() => sandbox.remove());

function publish(commit: string, previous: string | null, branch = BRANCH) {
  const { git, user, quarantine, sessionId } = sandbox;
  const quarantinePath = quarantine.path(sessionId);
  return createPublisher({ git }).publish({ repositoryPath: user, quarantinePath, commit, branch, previous });
}

const branchNow = () => plainGit(sandbox.user, ["rev-parse", BRANCH]);

describe("publishing", () => {
  it("makes the branch, moves it, and says when nothing is to do", async () => {
    expect(await publish(first, null)).toEqual({ outcome: "published", commit: first });
    expect(branchNow()).toBe(first);
    expect(await publish(second, first)).toEqual({ outcome: "published", commit: second });
    expect(await publish(second, first)).toEqual({ outcome: "unchanged", commit: second });
    expect(plainGit(sandbox.user, ["fsck", "--strict", "--no-dangling"])).toBe("");
    expect(plainGit(sandbox.user, ["show", `${BRANCH}:b.txt`])).toBe("b");
  });

  it("moves the branch to rewritten history", async () => {
    await publish(second, null);
    plainGit(sandbox.workspace, ["reset", "--quiet", "--hard", sandbox.base]);
    const rewritten = commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    await sandbox.import(rewritten, sandbox.bundle(rewritten));
    expect((await publish(rewritten, second)).outcome).toBe("published");
    expect(branchNow()).toBe(rewritten);
  });

  it("changes nothing else in the user's repository and runs none of its hooks", async () => {
    const evidence = join(sandbox.temp, "hook-ran");
    plantHooks(join(sandbox.user, ".git", "hooks"), evidence);
    plantHooks(join(sandbox.user, ".husky"), evidence);
    plainGit(sandbox.user, ["config", "core.hooksPath", ".husky"]);
    plainGit(sandbox.user, ["config", "core.logAllRefUpdates", "always"]);
    plainGit(sandbox.user, ["config", "gc.auto", "1"]);
    plainGit(sandbox.user, ["config", "fetch.prune", "true"]);
    plainGit(sandbox.user, ["config", "fetch.writeCommitGraph", "true"]);
    plainGit(sandbox.user, ["config", "core.fsmonitor", `echo fsmonitor >> '${evidence}'; false`]);
    writeFileSync(join(sandbox.user, "uncommitted.txt"), "mine\n");
    const before = hashTree(sandbox.user);

    await publish(first, null);
    await publish(second, first);

    const after = hashTree(sandbox.user);
    const changed = [...after].filter(([path, hash]) => before.get(path) !== hash).map(([path]) => path);
    const isOurs = (path: string) =>
      path === `.git/refs/heads/${BRANCH}` || path === ".git/refs/heads/agents/" || path.startsWith(".git/objects/");
    expect(changed.filter((path) => !isOurs(path))).toEqual([]);
    expect([...before.keys()].filter((path) => !after.has(path))).toEqual([]);
    expect(plainGit(sandbox.user, ["for-each-ref", "--format=%(refname)"]).split("\n")).toEqual([
      `refs/heads/${BRANCH}`,
      "refs/heads/main",
    ]);
    expect(existsSync(evidence)).toBe(false);

    plainGit(sandbox.user, [
      "fetch",
      "--quiet",
      sandbox.quarantine.path(sandbox.sessionId),
      `${first}:refs/heads/plain`,
    ]);
    expect(existsSync(evidence)).toBe(true);
    expect(existsSync(join(sandbox.user, ".git", "FETCH_HEAD"))).toBe(true);
  });
});

describe("what the user did meanwhile is kept", () => {
  it("a commit of the user's on the branch", async () => {
    await publish(first, null);
    const mine = plainGit(sandbox.user, ["commit-tree", "-p", first, "-m", "Mine", `${first}^{tree}`]);
    plainGit(sandbox.user, ["update-ref", `refs/heads/${BRANCH}`, mine]);
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("moved"),
    });
    expect(branchNow()).toBe(mine);
  });

  it("a branch of that name from before", async () => {
    plainGit(sandbox.user, ["branch", BRANCH]);
    expect((await publish(first, null)).outcome).toBe("conflicted");
    expect(branchNow()).toBe(sandbox.base);
  });

  it("a deleted branch stays deleted", async () => {
    await publish(first, null);
    plainGit(sandbox.user, ["branch", "--quiet", "-D", BRANCH]);
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("deleted"),
    });
    expect(() => branchNow()).toThrow(BRANCH);
  });

  it("a checkout of the branch, in the main or in another worktree", async () => {
    await publish(first, null);
    plainGit(sandbox.user, ["checkout", "--quiet", BRANCH]);
    const before = hashTree(sandbox.user);
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining(sandbox.user),
    });
    expect(hashTree(sandbox.user)).toEqual(before);
    plainGit(sandbox.user, ["checkout", "--quiet", "main"]);

    const other = join(sandbox.temp, "other");
    plainGit(sandbox.user, ["worktree", "add", "--quiet", other, BRANCH]);
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining(other),
    });
    plainGit(sandbox.user, ["worktree", "remove", other]);
    expect((await publish(second, first)).outcome).toBe("published");
  });

  it("a rebase of the branch that is under way", async () => {
    await publish(second, null);
    plainGit(sandbox.user, ["checkout", "--quiet", BRANCH]);
    const editor = { GIT_SEQUENCE_EDITOR: "sed -i 1s/pick/edit/", GIT_EDITOR: "true" };
    plainGit(sandbox.user, ["rebase", "--quiet", "-i", sandbox.base], { env: editor });
    expect(plainGit(sandbox.user, ["worktree", "list", "--porcelain"])).toContain("detached");
    const third = commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    await sandbox.import(third, sandbox.bundle(third, [second]));
    expect((await publish(third, second)).outcome).toBe("conflicted");
    plainGit(sandbox.user, ["rebase", "--abort"]);
    plainGit(sandbox.user, ["checkout", "--quiet", "main"]);
    expect((await publish(third, second)).outcome).toBe("published");
  });

  it("branches whose names are in the way", async () => {
    plainGit(sandbox.user, ["branch", "agents"]);
    expect(await publish(first, null)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("named agents"),
    });
    plainGit(sandbox.user, ["branch", "-m", "agents", `${BRANCH}/below`]);
    expect(await publish(first, null)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining(`${BRANCH}/below`),
    });
    plainGit(sandbox.user, ["branch", "-m", `${BRANCH}/below`, "elsewhere"]);
    expect((await publish(first, null)).outcome).toBe("published");
  });

  it("a repository that went away, even when it lay in another one", async () => {
    const outer = makeRepository(join(sandbox.temp, "outer"));
    renameSync(sandbox.user, join(sandbox.temp, "moved"));
    expect((await publish(first, null)).outcome).toBe("conflicted");
    mkdirSync(join(outer, "inner"));
    const { git, quarantine, sessionId } = sandbox;
    const request = { quarantinePath: quarantine.path(sessionId), commit: first, branch: BRANCH, previous: null };
    const inside = await createPublisher({ git }).publish({ ...request, repositoryPath: join(outer, "inner") });
    expect(inside.outcome).toBe("conflicted");
    expect(plainGit(outer, ["for-each-ref", "--format=%(refname)"])).toBe("refs/heads/main");
  });
});

describe("a branch that cannot be moved once its work tree was", () => {
  let follower: string;
  beforeEach(async () => {
    await publish(first, null);
    follower = join(sandbox.temp, "follower");
    plainGit(sandbox.user, ["worktree", "add", "--quiet", follower, BRANCH]);
  });

  /** `meanwhile` is what happens after the files were moved and before the branch is. */
  function follow(meanwhile: () => void = () => undefined) {
    const { git, user, quarantine, sessionId } = sandbox;
    const run: typeof git.run = async (args, options) => {
      if (args.includes("update-ref")) meanwhile();
      return git.run(args, options);
    };
    const request = { repositoryPath: user, branch: BRANCH, commit: second, previous: first, ownWorktree: follower };
    return createPublisher({ git: { ...git, run } }).publish({
      ...request,
      quarantinePath: quarantine.path(sessionId),
    });
  }

  const filesThere = () => ["a.txt", "b.txt"].filter((path) => existsSync(join(follower, path)));
  const changesThere = () => plainGit(follower, ["status", "--porcelain"]);

  it("takes the files back where git refuses, and moves both the next time", async () => {
    const lock = join(sandbox.user, ".git", "refs", "heads", `${BRANCH}.lock`);
    writeFileSync(lock, "");
    let moved: string[] = [];
    expect(await follow(() => void (moved = filesThere()))).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("could not be moved"),
    });
    expect(moved).toEqual(["a.txt", "b.txt"]);
    expect([filesThere(), changesThere()]).toEqual([["a.txt"], ""]);
    rmSync(lock);
    expect(await follow()).toEqual({ outcome: "published", commit: second, followed: follower });
    expect([filesThere(), changesThere()]).toEqual([["a.txt", "b.txt"], ""]);
  });

  it("takes the files back where the user moved the branch in that moment", async () => {
    const mine = plainGit(sandbox.user, ["commit-tree", "-p", first, "-m", "Mine", `${first}^{tree}`]);
    const outcome = await follow(() => plainGit(sandbox.user, ["update-ref", `refs/heads/${BRANCH}`, mine]));
    expect(outcome.outcome).toBe("conflicted");
    expect([branchNow(), filesThere(), changesThere()]).toEqual([mine, ["a.txt"], ""]);
  });

  it("leaves the files where the user committed them in that moment", async () => {
    const outcome = await follow(() => plainGit(follower, ["commit", "--quiet", "-m", "Mine"]));
    expect(outcome.outcome).toBe("conflicted");
    expect([filesThere(), changesThere()]).toEqual([["a.txt", "b.txt"], ""]);
    expect(plainGit(follower, ["log", "-1", "--format=%s %P"])).toBe(`Mine ${first}`);
  });
});

it.each(["main", "agents/../main", "agents/a b", "agents/-x~1", "refs/heads/agents/x"])(
  "never writes the ref %j",
  async (branch) => {
    const before = hashTree(sandbox.user);
    await expect(publish(first, null, branch)).rejects.toMatchObject({ code: "server.internal" });
    expect(hashTree(sandbox.user)).toEqual(before);
  },
);
