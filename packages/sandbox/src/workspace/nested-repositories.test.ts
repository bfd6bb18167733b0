import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { git, makeSandboxFixture, type SandboxFixture } from "../testing/sandbox-fixture.ts";
import { cloneWorkspace } from "./clone-workspace.ts";
import { commitLeftovers, type SavedWork } from "./commit-leftovers.ts";
import { createGit } from "./git-process.ts";
import { createLiveSnapshots } from "./live-snapshots.ts";
import { restoreTree } from "./restore-tree.ts";
import { markSaved } from "./saved-commit.ts";

let fixture: SandboxFixture;
let tree: string;
let generation: number;
beforeEach(async () => {
  fixture = await makeSandboxFixture();
  ({ tree } = fixture);
  generation = 0;
  const { paths, spec } = fixture;
  await cloneWorkspace({
    ...{ mirror: paths.mirror, workspace: paths.workspace, directory: spec.directory, generation: 0 },
    ...{ baseCommit: spec.baseCommit, branch: spec.branch, identity: spec.identity },
    onCheckedOut: async () => undefined,
    onLog: () => undefined,
  });
});
afterEach(() => fixture.remove());

const order = () => {
  const { branch, baseCommit: base, identity, sessionId } = fixture.spec;
  return { tree, git: createGit(tree), branch, base, identity, sessionId, limitBytes: 2 ** 20 };
};

/** Saves as the end of a turn does. */
async function save(): Promise<SavedWork> {
  const saved = await commitLeftovers({ ...order(), promptText: "Go on", isTold: true });
  await markSaved(createGit(tree), saved.commit);
  return saved;
}

const goTo = (commit: string) => restoreTree({ ...order(), generation: (generation += 1), commit, always: true });

function write(path: string, content: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), content);
}

/** A repository inside the tree, as an agent makes one. */
function makeNested(path: string, isCommitted = false): void {
  mkdirSync(join(tree, path), { recursive: true });
  git(join(tree, path), "init", "--quiet", "-b", "main");
  write(`${path}/app.js`, "one\n");
  if (!isCommitted) return;
  git(join(tree, path), "add", "-A");
  git(join(tree, path), "commit", "--quiet", "-m", "Nested");
}

/** What plain git makes of the tree: a nested repository becomes the name of its commit. */
function commitAsAgent(message: string): void {
  git(tree, "-c", "advice.addEmbeddedRepo=false", "add", "-A");
  git(tree, "commit", "--quiet", "-m", message);
}

const filesOf = (commit: string) => git(tree, "ls-tree", "-r", "--name-only", commit).split("\n");
const modeOf = (commit: string, path: string) => git(tree, "ls-tree", commit, path).slice(0, 6);
const OWN = [".gitignore", "README.md"];

for (const isCommitted of [false, true]) {
  it(`saves the files of a repository in the tree, ${isCommitted ? "with" : "without"} a commit, and tells it once`, async () => {
    makeNested("web", isCommitted);
    write("web/.gitignore", "dist/\n");
    write("web/dist/built.js", "built\n");
    const first = await save();
    expect(filesOf(first.commit)).toEqual([...OWN, "web/.gitignore", "web/app.js"]);
    expect(first.notices).toEqual([
      { code: "checkpoint.nested-repository", message: expect.stringContaining("web. Its files are saved") },
    ]);
    expect(git(tree, "status", "--porcelain")).toBe("");

    write("web/app.js", "two\n");
    write("web/more.js", "more\n");
    const second = await save();
    expect(git(tree, "show", `${second.commit}:web/app.js`)).toBe("two");
    expect(filesOf(second.commit)).toContain("web/more.js");
    expect(second.notices).toEqual([]);
    expect(existsSync(join(tree, "web/.git/HEAD"))).toBe(true);
  });
}

it("takes one that lies deep and holds another, leaves ignored ones alone, and keeps to the limit", async () => {
  makeNested("apps/one", true);
  makeNested("apps/one/vendor/two");
  makeNested("ignored/dependency", true);
  write("apps/one/vendor/two/large.bin", "x".repeat(2 ** 20));
  const { commit, notices } = await save();
  expect(filesOf(commit)).toEqual([...OWN, "apps/one/app.js", "apps/one/vendor/two/app.js"]);
  expect(notices.map(({ code }) => code)).toEqual(["checkpoint.files-left-out", "checkpoint.nested-repository"]);
  expect(notices[0]?.message).toContain("apps/one/vendor/two/large.bin");
});

it("says nothing of a repository without files", async () => {
  git(tree, "init", "--quiet", "empty");
  const { commit, notices } = await save();
  expect({ commit, notices }).toEqual({ commit: fixture.spec.baseCommit, notices: [] });
});

it("leaves another working tree of the session's own repository out, and says so", async () => {
  git(tree, "worktree", "add", "--quiet", "-b", "side", "trees/side");
  write("trees/side/new.txt", "new\n");
  write("own.txt", "own\n");
  const { commit, notices } = await save();
  expect(filesOf(commit)).toEqual([...OWN, "own.txt"]);
  expect(notices).toEqual([
    {
      code: "checkpoint.nested-repository",
      message: expect.stringContaining("trees/side (it is another working tree"),
    },
  ]);
  await goTo(fixture.spec.baseCommit);
  expect(readFileSync(join(tree, "trees/side/new.txt"), "utf8")).toBe("new\n");
});

it("tells once of each working tree that it leaves out, again of one that came back, and never in vain", async () => {
  const addTree = (name: string) => git(tree, "worktree", "add", "--quiet", "-B", name, `trees/${name}`);
  const told = async () => (await save()).notices.map(({ message }) => message);
  addTree("one");
  // Nobody sees the notices of what is kept before going elsewhere.
  await goTo(fixture.spec.baseCommit);
  expect(await told()).toEqual([expect.stringContaining("workspace: trees/one (")]);
  expect(await told()).toEqual([]);

  addTree("two");
  expect(await told()).toEqual([expect.stringContaining("workspace: trees/two (")]);
  git(tree, "worktree", "remove", "trees/one");
  expect(await told()).toEqual([]);
  addTree("one");
  expect(await told()).toEqual([expect.stringContaining("workspace: trees/one (")]);
});

it("does not call a working tree a submodule whose commit the agent's own git recorded", async () => {
  git(tree, "worktree", "add", "--quiet", "-b", "side", "trees/side");
  commitAsAgent("By the agent");
  const { commit, notices } = await save();
  expect(modeOf(commit, "trees/side")).toBe("160000");
  expect(notices.map(({ message }) => message)).toEqual([
    expect.stringContaining("Not saved, left as it is in the workspace: trees/side (") as string,
  ]);
  expect((await save()).notices).toEqual([]);
});

it("puts the files in the place of a commit that the agent's own git recorded of the repository", async () => {
  makeNested("web", true);
  commitAsAgent("By the agent");
  expect(modeOf("HEAD", "web")).toBe("160000");
  const theirs = git(tree, "rev-parse", "HEAD");
  const { commit } = await save();
  expect(filesOf(commit)).toEqual([...OWN, "web/app.js"]);
  expect(git(tree, "rev-parse", `${commit}^`)).toBe(theirs);
});

it("keeps a submodule what it is, and says that its files are not saved", async () => {
  const source = join(fixture.root, "source");
  git(tree, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "lib");
  const first = await save();
  expect(modeOf(first.commit, "lib")).toBe("160000");
  expect(first.notices).toEqual([
    {
      code: "checkpoint.nested-repository",
      message: expect.stringContaining(
        "without its files: lib. Push its commits to its own repository to keep them, if they are not there yet.",
      ),
    },
  ]);
  write("own.txt", "own\n");
  expect((await save()).notices).toEqual([]);
});

it("leaves a repository alone that the project records by commit, without a name for it, and one named without a commit", async () => {
  makeNested("dependency", true);
  commitAsAgent("The project's way");
  fixture.spec.baseCommit = git(tree, "rev-parse", "HEAD");
  await markSaved(createGit(tree), fixture.spec.baseCommit);
  write(".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n');
  makeNested("lib");
  write("dependency/app.js", "changed\n");
  const { commit, notices } = await save();
  expect(modeOf(commit, "dependency")).toBe("160000");
  expect(filesOf(commit)).toEqual([".gitignore", ".gitmodules", "README.md", "dependency"]);
  expect(notices.map(({ message }) => message)).toEqual([
    expect.stringContaining("lib (it is a submodule without a commit)") as string,
  ]);
});

it("goes back and forth over a repository: its files come and go, its own history stays", async () => {
  makeNested("web", true);
  const one = await save();
  write("web/app.js", "two\n");
  const two = await save();

  await goTo(fixture.spec.baseCommit);
  expect(existsSync(join(tree, "web/app.js"))).toBe(false);
  expect(git(join(tree, "web"), "log", "--format=%s")).toBe("Nested");
  expect(await save()).toEqual({ commit: fixture.spec.baseCommit, notices: [] });

  await goTo(two.commit);
  expect(readFileSync(join(tree, "web/app.js"), "utf8")).toBe("two\n");
  await goTo(one.commit);
  expect(readFileSync(join(tree, "web/app.js"), "utf8")).toBe("one\n");
  expect(git(tree, "status", "--porcelain")).toBe("");
});

it("goes back from a repository that no checkpoint has, to where a file stands in its place too", async () => {
  write("web", "a file\n");
  const file = await save();
  await goTo(fixture.spec.baseCommit);
  makeNested("web");
  const { backup } = await goTo(file.commit);
  expect(readFileSync(join(tree, "web"), "utf8")).toBe("a file\n");
  expect(git(tree, "show", `${backup ?? ""}:web/app.js`)).toBe("one");
});

it("goes back to a checkpoint that has only a commit of the repository", async () => {
  makeNested("web", true);
  commitAsAgent("As it once was saved");
  const old = git(tree, "rev-parse", "HEAD");
  await save();
  await goTo(old);
  expect(git(tree, "rev-parse", "HEAD")).toBe(old);
  expect(git(join(tree, "web"), "log", "--format=%s")).toBe("Nested");
  git(join(tree, "web"), "checkout", "--quiet", ".");
  expect(filesOf((await save()).commit)).toEqual([...OWN, "web/app.js"]);
});

it.each([
  { what: "a file", isCommitted: false, make: () => write("web", "a file\n") },
  { what: "a link", isCommitted: true, make: () => symlinkSync("README.md", join(tree, "web")) },
])("saves, shows and goes back from a repository in the place of $what", async ({ isCommitted, make }) => {
  make();
  const before = await save();
  rmSync(join(tree, "web"));
  makeNested("web", isCommitted);
  write("own.txt", "own\n");

  const scratch = join(fixture.root, "scratch");
  const snapshot = await createLiveSnapshots({ ...order(), scratch }).take();
  const shown = git(join(scratch, "live.git"), "ls-tree", "-r", "--name-only", snapshot?.commit ?? "");
  expect(shown.split("\n")).toEqual([...OWN, "own.txt", "web/app.js"]);
  expect(git(tree, "ls-files", "web")).toBe("web");

  const after = await save();
  expect(filesOf(after.commit)).toEqual([...OWN, "own.txt", "web/app.js"]);
  expect(after.notices.map(({ message }) => message)).toEqual([
    expect.stringContaining("web. Its files are saved") as string,
  ]);
  expect(git(tree, "status", "--porcelain")).toBe("");

  await goTo(before.commit);
  expect(filesOf("HEAD")).toEqual([...OWN, "web"]);
  expect(git(tree, "status", "--porcelain")).toBe("");
  rmSync(join(tree, "web"));
  makeNested("web", isCommitted);
  const { backup } = await goTo(after.commit);
  expect(filesOf(backup ?? "")).toEqual([...OWN, "web/app.js"]);
  expect(readFileSync(join(tree, "web/app.js"), "utf8")).toBe("one\n");
});

it("saves a repository in the place of a file that a merge under way is about", async () => {
  for (const [branch, content] of Object.entries({ theirs: "theirs\n", ours: "ours\n" })) {
    git(tree, "checkout", "--quiet", "-b", branch, fixture.spec.baseCommit);
    write("web", content);
    commitAsAgent(branch);
  }
  expect(() => git(tree, "merge", "theirs")).toThrow("merge theirs");
  expect(git(tree, "ls-files", "--unmerged", "web")).toContain(" 2\tweb");
  rmSync(join(tree, "web"));
  makeNested("web");
  expect(filesOf((await save()).commit)).toEqual([...OWN, "web/app.js"]);
});

it("takes a file for gone in whose place stands a repository that is not taken", async () => {
  write("lib", "a file\n");
  write("side", "a file\n");
  await save();
  rmSync(join(tree, "lib"));
  rmSync(join(tree, "side"));
  makeNested("lib");
  write(".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = ../lib\n');
  git(tree, "worktree", "add", "--quiet", "-b", "side", "side");
  const { commit, notices } = await save();
  expect(filesOf(commit)).toEqual([".gitignore", ".gitmodules", "README.md"]);
  expect(notices).toHaveLength(1);
  expect(notices[0]?.message).toContain("lib (it is a submodule without a commit), side (it is another working tree");
});

it("shows the files of a repository while the agent works, and leaves the agent's index as it was", async () => {
  makeNested("web");
  const live = createLiveSnapshots({ ...order(), scratch: join(fixture.root, "scratch") });
  const snapshot = await live.take();
  const store = join(fixture.root, "scratch", "live.git");
  expect(git(store, "ls-tree", "-r", "--name-only", snapshot?.commit ?? "").split("\n")).toEqual([
    ...OWN,
    "web/app.js",
  ]);
  expect(git(tree, "status", "--porcelain")).toBe("?? web/");
});
