import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGit } from "../lib/git-process.ts";
import { createMirrors } from "./mirror.ts";
import { commitFiles, hashTree, makeRepository, makeTempDir, plainGit } from "./testing/git-fixture.ts";

const repositoryId = newId("repository");
let temp: ReturnType<typeof makeTempDir>;
let user: string;
let mirrors: ReturnType<typeof createMirrors>;

beforeEach(() => {
  temp = makeTempDir();
  user = makeRepository(join(temp.dir, "user"));
  mirrors = createMirrors({ git: createGit(), dataDir: join(temp.dir, "data") });
});
afterEach(() => temp.remove());

const ensure = (branch: string) => mirrors.ensure({ repositoryId, repositoryPath: user, branch });

describe("ensure", () => {
  it("brings the branch as it stands now, and only what it reaches", async () => {
    const first = plainGit(user, ["rev-parse", "HEAD"]);
    plainGit(user, ["checkout", "--quiet", "-b", "secret"]);
    const secret = commitFiles(user, { "secret.txt": "secret\n" });
    plainGit(user, ["checkout", "--quiet", "main"]);
    plainGit(user, ["tag", "v1"]);

    const { mirrorPath, commit } = await ensure("main");
    expect(commit).toBe(first);
    expect(plainGit(mirrorPath, ["for-each-ref", "--format=%(refname)"])).toBe("refs/heads/main");
    expect(() => plainGit(mirrorPath, ["cat-file", "-t", secret])).toThrow("could not get object info");

    const second = commitFiles(user, { "a.txt": "a\n" });
    expect((await ensure("main")).commit).toBe(second);
    plainGit(user, ["reset", "--quiet", "--hard", first]);
    const rewritten = commitFiles(user, { "a.txt": "other\n" });
    expect((await ensure("main")).commit).toBe(rewritten);
  });

  it("leaves the user's repository as it was, byte for byte", async () => {
    const before = hashTree(user);
    await ensure("main");
    expect(hashTree(user)).toEqual(before);
  });

  it.each(["nope", "main~0", "main^{}", "HEAD", "refs/heads/main", "-b", "", "ma*n", "../main", "main\n"])(
    "names the branches there are when %j is asked for",
    async (branch) => {
      plainGit(user, ["branch", "develop"]);
      await expect(ensure(branch)).rejects.toMatchObject({
        code: "branch.not-found",
        message: expect.stringMatching(/develop.*main|main.*develop/),
      });
    },
  );

  it("takes any local branch, whatever its name", async () => {
    for (const name of ["feature/ünï", "a.b_c@d", "release/1.2", "agents/earlier-abc"]) {
      plainGit(user, ["branch", name]);
      expect((await ensure(name)).commit).toBe(plainGit(user, ["rev-parse", name]));
    }
  });

  it("follows a branch that becomes a folder of branches", async () => {
    plainGit(user, ["branch", "topic"]);
    await ensure("topic");
    plainGit(user, ["branch", "-m", "topic", "topic/one"]);
    const { mirrorPath } = await ensure("topic/one");
    expect(plainGit(mirrorPath, ["for-each-ref", "--format=%(refname)"])).toBe("refs/heads/topic/one");
  });

  it("makes one mirror however many ask at once", async () => {
    plainGit(user, ["branch", "develop"]);
    const answers = await Promise.all(["main", "develop", "main", "develop", "main"].map(ensure));
    expect(new Set(answers.map((answer) => answer.mirrorPath)).size).toBe(1);
    expect(plainGit(mirrors.path(repositoryId), ["fsck"])).toBe("");
  });

  it("can be read by another user whatever the umask is", async () => {
    const before = process.umask(0o077);
    try {
      await ensure("main");
      commitFiles(user, { "a.txt": "a\n" });
      plainGit(user, ["branch", "team/one"]);
      await ensure("main");
      await ensure("team/one");
      await mirrors.pin(repositoryId, newId("session"), (await ensure("main")).commit);
    } finally {
      process.umask(before);
    }
    const root = mirrors.path(repositoryId);
    const paths = [root, ...readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => join(root, name))];
    const closed = paths.filter((path) => {
      const stat = statSync(path);
      const wanted = stat.isDirectory() ? 0o555 : 0o444;
      return (stat.mode & wanted) !== wanted;
    });
    expect(closed).toEqual([]);
  });

  it("refuses a shallow source instead of giving a commit it did not copy", async () => {
    commitFiles(user, { "a.txt": "a\n" });
    const shallow = join(temp.dir, "shallow");
    plainGit(temp.dir, ["clone", "--quiet", "--depth=1", `file://${user}`, shallow]);
    const copying = mirrors.ensure({ repositoryId, repositoryPath: shallow, branch: "main" });
    await expect(copying).rejects.toMatchObject({ code: "git.failed" });
  });

  it("does not take a repository further up for one that is gone", async () => {
    const inner = join(user, "inner");
    mkdirSync(inner);
    const reading = mirrors.ensure({ repositoryId, repositoryPath: inner, branch: "main" });
    await expect(reading).rejects.toMatchObject({ code: "git.failed" });
    expect(plainGit(inner, ["rev-parse", "--verify", "refs/heads/main"])).not.toBe("");
  });
});

describe("what a session needs", () => {
  it("keeps the base of a session reachable after the user rewrote the branch", async () => {
    const { mirrorPath, commit } = await ensure("main");
    const sessionId = newId("session");
    await mirrors.pin(repositoryId, sessionId, commit);
    plainGit(user, ["commit", "--quiet", "--amend", "-m", "Rewritten"]);
    await ensure("main");
    plainGit(mirrorPath, ["-c", "gc.pruneExpire=now", "gc", "--quiet", "--prune=now"]);
    expect(plainGit(mirrorPath, ["cat-file", "-t", commit])).toBe("commit");
    await mirrors.unpin(repositoryId, sessionId);
    plainGit(mirrorPath, ["gc", "--quiet", "--prune=now"]);
    expect(() => plainGit(mirrorPath, ["cat-file", "-t", commit])).toThrow("could not get object info");
  });

  it("lets go of what is not pinned, or not there at all", async () => {
    await ensure("main");
    await mirrors.unpin(repositoryId, newId("session"));
    await mirrors.unpin(newId("repository"), newId("session"));
  });

  it("comes back when it was deleted", async () => {
    const { mirrorPath, commit } = await ensure("main");
    rmSync(mirrorPath, { recursive: true });
    const session = { id: newId("session"), repository: { id: repositoryId, path: user }, baseBranch: "main" };
    expect(await mirrors.ensurePath({ ...session, baseCommit: commit })).toBe(mirrorPath);
    expect(plainGit(mirrorPath, ["rev-parse", "main"])).toBe(commit);
    await expect(mirrors.ensurePath({ ...session, baseCommit: "f".repeat(40) })).rejects.toMatchObject({
      code: "git.failed",
    });
  });
});
