import { chownSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitFiles, hashTree, makeRepository, plainGit } from "./testing/git-fixture.ts";
import { makeServiceWorld } from "./testing/service-fixture.ts";

let world: ReturnType<typeof makeServiceWorld>;
let temp: ReturnType<typeof makeServiceWorld>["temp"];
let code: string;
const start = () => world.start();

beforeEach(() => {
  world = makeServiceWorld();
  ({ temp, code } = world);
});
afterEach(() => world.end());

const invalid = (words: string) => ({ code: "repository.invalid", message: expect.stringContaining(words) });

describe("list", () => {
  it("finds repositories, gives each a lasting id, and forgets to show what went away", async () => {
    makeRepository(join(code, "one"));
    makeRepository(join(code, "team", "two"));
    mkdirSync(join(code, "plain"));
    const first = await start().list();
    expect(first.map(({ name, source, defaultBranch, problem }) => [name, source, defaultBranch, problem])).toEqual([
      ["one", "found", "main", null],
      ["two", "found", "main", null],
    ]);
    expect(await start().list()).toEqual(first);

    renameSync(join(code, "one"), join(temp.dir, "away"));
    expect((await start().list()).map((repository) => repository.name)).toEqual(["two"]);
    renameSync(join(temp.dir, "away"), join(code, "one"));
    expect(await start().list()).toEqual(first);
  });

  it("says of each kind of repository what a closer look says", async () => {
    const full = makeRepository(join(code, "plain"), { "a.txt": "a\n", ".gitmodules": "" });
    commitFiles(full, { "b.txt": "b\n" });
    plainGit(full, ["config", "uploadpack.allowFilter", "true"]);
    plainGit(code, ["clone", "--quiet", "--depth=1", `file://${full}`, "shallow"]);
    plainGit(code, ["clone", "--quiet", "--filter=blob:none", `file://${full}`, "partial"]);
    plainGit(code, ["clone", "--quiet", full, "packed"]);
    plainGit(join(code, "packed"), ["pack-refs", "--all"]);
    plainGit(code, ["clone", "--quiet", full, "detached"]);
    plainGit(join(code, "detached"), ["checkout", "--quiet", "--detach"]);
    plainGit(code, ["clone", "--quiet", full, "unborn"]);
    plainGit(join(code, "unborn"), ["checkout", "--quiet", "--orphan", "ma"]);
    plainGit(full, ["worktree", "add", "--quiet", join(code, "worktree"), "-b", "topic/one"]);
    mkdirSync(join(code, "empty"));
    plainGit(join(code, "empty"), ["init", "--quiet"]);
    mkdirSync(join(code, "new-hash"));
    plainGit(join(code, "new-hash"), ["init", "--quiet", "--object-format=sha256"]);
    plainGit(join(code, "new-hash"), ["commit", "--quiet", "--allow-empty", "-m", "First"]);

    const listed = await start().list();
    expect(listed).toHaveLength(9);
    for (const repository of listed) expect(await start().require(repository.path)).toEqual(repository);
    expect(
      listed.filter(({ problem }) => problem === null).map(({ name, defaultBranch }) => [name, defaultBranch]),
    ).toEqual([
      ["detached", "main"],
      ["packed", "main"],
      ["plain", "main"],
      ["unborn", "main"],
      ["worktree", "topic/one"],
    ]);
  });

  it("leaves each repository as it was, byte for byte", async () => {
    makeRepository(join(code, "one"));
    const before = hashTree(code);
    const [one] = await start().list();
    await start().branches(one?.id ?? newId("repository"));
    await start().require(join(code, "one"));
    expect(hashTree(code)).toEqual(before);
  });
});

describe("what stands in the way and what is worth knowing", () => {
  const problemOf = async (path: string) => (await start().require(path)).problem;

  it("a repository without a commit", async () => {
    mkdirSync(join(code, "empty"));
    plainGit(join(code, "empty"), ["init", "--quiet"]);
    expect(await start().require(join(code, "empty"))).toMatchObject({
      defaultBranch: null,
      problem: expect.stringContaining("make a first commit"),
    });
    commitFiles(join(code, "empty"), { "a.txt": "a\n" });
    expect(await problemOf(join(code, "empty"))).toBeNull();
  });

  it("a shallow, a partial and a SHA-256 repository", async () => {
    const full = makeRepository(join(temp.dir, "full"));
    commitFiles(full, { "a.txt": "a\n" });
    plainGit(full, ["config", "uploadpack.allowFilter", "true"]);
    plainGit(code, ["clone", "--quiet", "--depth=1", `file://${full}`, "shallow"]);
    plainGit(code, ["clone", "--quiet", "--filter=blob:none", `file://${full}`, "partial"]);
    plainGit(code, ["clone", "--quiet", `file://${full}`, "whole"]);
    mkdirSync(join(code, "new-hash"));
    plainGit(join(code, "new-hash"), ["init", "--quiet", "--object-format=sha256"]);
    expect(await problemOf(join(code, "shallow"))).toContain("git fetch --unshallow");
    expect(await problemOf(join(code, "partial"))).toContain("--filter");
    expect(await problemOf(join(code, "new-hash"))).toContain("sha256");
    expect(await problemOf(join(code, "whole"))).toBeNull();
    plainGit(join(code, "shallow"), ["fetch", "--quiet", "--unshallow"]);
    expect(await problemOf(join(code, "shallow"))).toBeNull();
  });

  // Only root can give files away.
  it.runIf(process.getuid?.() === 0)("a repository of another user", async () => {
    const path = makeRepository(join(code, "theirs"));
    const [before] = await start().list();
    expect(before?.problem).toBeNull();
    chownSync(path, 4242, 4242);
    const [after] = await start().list();
    expect(after?.problem).toContain("another user");
    await expect(start().register({ path })).rejects.toMatchObject(invalid("belongs to another user"));
  });

  it("submodules and LFS", async () => {
    makeRepository(join(code, "plain"));
    makeRepository(join(code, "both"), {
      ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ../x\n',
      ".gitattributes": "*.psd filter=lfs diff=lfs merge=lfs -text\n",
    });
    expect((await start().require(join(code, "plain"))).notices).toEqual([]);
    expect((await start().require(join(code, "both"))).notices).toEqual([
      expect.stringContaining("submodules"),
      expect.stringContaining("LFS"),
    ]);
  });

  it("the default branch of a detached checkout", async () => {
    const path = makeRepository(join(code, "one"));
    plainGit(path, ["branch", "-m", "main", "master"]);
    plainGit(path, ["branch", "zebra"]);
    plainGit(path, ["checkout", "--quiet", "--detach"]);
    expect((await start().require(path)).defaultBranch).toBe("master");
    plainGit(path, ["branch", "-m", "master", "apple"]);
    plainGit(path, ["checkout", "--quiet", "zebra"]);
    expect((await start().require(path)).defaultBranch).toBe("zebra");
  });
});

describe("require", () => {
  it("says what a path is when it is not the top level of a repository", async () => {
    const service = start();
    const one = makeRepository(join(code, "one"), { "src/a.ts": "a\n" });
    mkdirSync(join(code, "plain"));
    plainGit(temp.dir, ["init", "--quiet", "--bare", join(code, "bare.git")]);
    await expect(service.require(join(code, "nothing"))).rejects.toMatchObject(invalid("There is nothing at"));
    await expect(service.require(join(one, "src", "a.ts"))).rejects.toMatchObject(invalid("is a file"));
    await expect(service.require(join(one, "src", "a.ts", "x"))).rejects.toMatchObject(invalid("There is nothing at"));
    await expect(service.require(join(one, "src"))).rejects.toMatchObject(
      invalid(`sub-directory of the repository ${one}`),
    );
    await expect(service.require(join(code, "plain"))).rejects.toMatchObject(invalid("is not a git repository"));
    await expect(service.require(join(one, ".git"))).rejects.toMatchObject(invalid("inside the .git directory"));
    await expect(service.require(join(code, "bare.git"))).rejects.toMatchObject(invalid("bare"));
    await expect(service.require("one")).rejects.toMatchObject(invalid("neither the id"));
    await expect(service.require("~/code/one")).rejects.toMatchObject(invalid("neither the id"));
    await expect(service.require(`${one}\0`)).rejects.toMatchObject(invalid("neither the id"));
    await expect(service.require("--upload-pack=x")).rejects.toMatchObject(invalid("neither the id"));
    await expect(service.require(newId("repository"))).rejects.toMatchObject(invalid("no repository with the id"));
    expect((await service.require(one)).path).toBe(one);
  });

  it("takes a repository outside REPOS_DIR only once it is registered, by symlink too", async () => {
    const service = start();
    const outside = makeRepository(join(temp.dir, "outside"));
    symlinkSync(outside, join(code, "link"));
    await expect(service.require(outside)).rejects.toMatchObject(invalid("outside REPOS_DIR"));
    await expect(service.require(join(code, "link"))).rejects.toMatchObject(invalid("register it first"));
    const registered = await service.register({ path: join(code, "link") });
    expect(registered).toMatchObject({ path: outside, source: "registered" });
    expect(await service.require(outside)).toEqual(registered);
    expect(await service.require(registered.id)).toEqual(registered);
    expect(await start().list()).toEqual([registered]);
  });

  it("takes a linked worktree", async () => {
    const one = makeRepository(join(code, "one"));
    plainGit(one, ["worktree", "add", "--quiet", join(code, "tree"), "-b", "topic"]);
    expect(await start().require(join(code, "tree"))).toMatchObject({ problem: null, defaultBranch: "topic" });
    expect((await start().list()).map((repository) => repository.name)).toEqual(["one", "tree"]);
  });

  it("says so when a known repository is gone", async () => {
    const service = start();
    const { id } = await service.require(makeRepository(join(code, "one")));
    rmSync(join(code, "one"), { recursive: true });
    await expect(service.require(id)).rejects.toMatchObject(invalid("any more"));
    await expect(service.branches(id)).rejects.toMatchObject({ code: "repository.not-found" });
  });
});

it("lists branches with their last commit, the latest first", async () => {
  const path = makeRepository(join(code, "one"));
  plainGit(path, ["commit", "--quiet", "--amend", "-m", "Old: ünï"], {
    env: { GIT_COMMITTER_DATE: "2001-02-03T04:05:06+0200" },
  });
  plainGit(path, ["checkout", "--quiet", "-b", "feature/new"]);
  const latest = commitFiles(path, { "a.txt": "a\n" }, "New\n\nBody");
  const { id } = await start().require(path);
  const { branches, defaultBranch } = await start().branches(id);
  expect(defaultBranch).toBe("feature/new");
  expect(branches.map(({ name, subject }) => [name, subject])).toEqual([
    ["feature/new", "New"],
    ["main", "Old: ünï"],
  ]);
  expect(branches[0]?.commit).toBe(latest);
  expect(branches[1]?.committedAt).toBe("2001-02-03T02:05:06.000Z");
});

describe("remove", () => {
  it("forgets a registered repository, deletes no file, and gives a new id when it comes back", async () => {
    const service = start();
    const outside = makeRepository(join(temp.dir, "outside"));
    const { id } = await service.register({ path: outside });
    world.inUse.add(id);
    await expect(service.remove(id)).rejects.toMatchObject({ code: "repository.in-use" });
    world.inUse.clear();
    const before = hashTree(outside);
    await service.remove(id);
    expect(world.removed).toEqual([id]);
    expect(hashTree(outside)).toEqual(before);
    await expect(service.remove(id)).rejects.toMatchObject({ code: "repository.not-found" });
    expect((await service.register({ path: outside })).id).not.toBe(id);
  });

  it("does not pretend to remove what lies in REPOS_DIR", async () => {
    const service = start();
    const { id, path } = await service.require(makeRepository(join(code, "one")));
    await expect(service.remove(id)).rejects.toMatchObject(invalid("Nothing was deleted"));
    rmSync(path, { recursive: true });
    await service.remove(id);
    expect(await service.list()).toEqual([]);
  });
});

describe("identity", () => {
  it("is the user's own: of the repository, else of the user, else a plain stand-in", async () => {
    const path = makeRepository(join(code, "one"));
    expect(await start().identity(path)).toEqual({ name: "Background Agents", email: "agents@localhost" });
    writeFileSync(join(temp.dir, ".gitconfig"), "[user]\n\tname = Grace\n\temail = grace@example.com\n");
    expect(await start().identity(path)).toEqual({ name: "Grace", email: "grace@example.com" });
    plainGit(path, ["config", "user.email", "grace@work.example"]);
    expect(await start().identity(path)).toEqual({ name: "Grace", email: "grace@work.example" });
  });
});

it("works when REPOS_DIR is a symlink or is missing", async () => {
  expect(realpathSync(code)).toBe(code);
  const real = join(temp.dir, "real");
  renameSync(code, real);
  expect(await start().list()).toEqual([]);
  symlinkSync(real, code);
  const path = makeRepository(join(real, "one"));
  expect((await start().require(join(code, "one"))).path).toBe(path);
  const listed = await start().list();
  expect(listed.map((repository) => repository.path)).toEqual([path]);
});
