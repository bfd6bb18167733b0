import { chmodSync, existsSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCheckpointWriter } from "./checkpoint-writer.ts";
import { commitFiles, hashTree, plainGit, plantHooks } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

let box: Awaited<ReturnType<typeof makeSandbox>>;
beforeEach(async () => {
  box = await makeSandbox({
    files: {
      "a.txt": "a\n",
      "dir/b.txt": Buffer.from([0xe9, 0x0a, 0x62, 0x0a]),
      "run.sh": "#!/bin/sh\n",
      "tab\there": "1\n2\n",
    },
  });
});
afterEach(() => box.remove());

async function imported(change: (tree: string) => void): Promise<string> {
  change(box.workspace);
  plainGit(box.workspace, ["add", "-A"]);
  plainGit(box.workspace, ["commit", "--quiet", "-m", "Work"]);
  const commit = plainGit(box.workspace, ["rev-parse", "HEAD"]);
  await box.import(commit, box.bundle(commit));
  return commit;
}

const order = (head: string) => ({
  ...{ sessionId: box.sessionId, repositoryId: box.repositoryId, checkpointId: newId("checkpoint"), head },
  ...{ identity: { name: "Ada <x>", email: "ada@example.org" }, message: "Discard\n" },
});
const writer = () => createCheckpointWriter(box);
const inQuarantine = (...args: string[]) => plainGit(box.quarantine.path(box.sessionId), args);

describe("discarding", () => {
  it("restores whole files of every kind: added, deleted, renamed, mode, link in place of a file", async () => {
    const head = await imported((tree) => {
      writeFileSync(join(tree, "new.txt"), "new\n");
      rmSync(join(tree, "a.txt"));
      renameSync(join(tree, "dir/b.txt"), join(tree, "moved.txt"));
      chmodSync(join(tree, "run.sh"), 0o755);
      rmSync(join(tree, "tab\there"));
      symlinkSync("run.sh", join(tree, "tab\there"));
      writeFileSync(join(tree, "kept.txt"), "kept\n");
    });
    const files = ["new.txt", "a.txt", "moved.txt", "run.sh", "tab\there"].map((path) => ({ path }));
    const commit = await writer().discard({ ...order(head), from: box.base, files });
    expect(inQuarantine("diff-tree", "-r", "--name-status", box.base, commit ?? "")).toBe("A\tkept.txt");
    expect(inQuarantine("log", "-1", "--format=%P %ae", commit ?? "")).toBe(`${head} ada@example.org`);
  });

  it("restores a file where a directory is now, and the other way round", async () => {
    const head = await imported((tree) => {
      rmSync(join(tree, "a.txt"));
      rmSync(join(tree, "dir"), { recursive: true });
      writeFileSync(join(tree, "dir"), "a file\n");
    });
    const commit = await writer().discard({
      ...order(head),
      from: box.base,
      files: [{ path: "dir" }, { path: "dir/b.txt" }],
    });
    expect(inQuarantine("diff-tree", "-r", "--name-status", box.base, commit ?? "")).toBe("D\ta.txt");
  });

  it("takes hunks back byte for byte, whatever the encoding, the name or a rename", async () => {
    const head = await imported((tree) => {
      rmSync(join(tree, "dir/b.txt"));
      writeFileSync(join(tree, "moved.txt"), Buffer.from([0xe9, 0x0a, 0x62, 0x0a, 0xe8, 0x0a]));
      writeFileSync(join(tree, "tab\there"), "1\n2\n3\n");
      chmodSync(join(tree, "tab\there"), 0o755);
    });
    const files = [
      { path: "moved.txt", hunks: ["@@ -1,2 +1,3 @@"] },
      { path: "tab\there", hunks: ["@@ -1,2 +1,3 @@ 1"] },
    ];
    const commit = await writer().discard({ ...order(head), from: box.base, files });
    expect(
      inQuarantine("diff-tree", "-r", "-M", "--raw", "--abbrev=4", "-z", box.base, commit ?? "").split("\0"),
    ).toEqual([
      expect.stringMatching(/^:100644 100644 \w+ \w+ R100$/),
      ...["dir/b.txt", "moved.txt"],
      expect.stringMatching(/^:100644 100755 (\w+) \1 M$/),
      "tab\there",
      "",
    ]);
  });

  it("brings a file back to an earlier moment, by the name it had there too, and leaves the rest", async () => {
    const then = await imported((tree) => writeFileSync(join(tree, "a.txt"), "then\n"));
    const later = await imported((tree) => {
      writeFileSync(join(tree, "a.txt"), "later\n");
      renameSync(join(tree, "dir/b.txt"), join(tree, "moved.txt"));
      writeFileSync(join(tree, "kept.txt"), "kept\n");
    });
    const files = [{ path: "a.txt" }, { path: "dir/b.txt" }];
    const commit = await writer().discard({ ...order(later), from: then, files });
    expect(inQuarantine("diff-tree", "-r", "--name-status", then, commit ?? "")).toBe("A\tkept.txt");
    const hunk = [{ path: "dir/b.txt", hunks: ["@@ -1,2 +1,3 @@"] }];
    const byFormerName = writer().discard({ ...order(later), from: then, files: hunk });
    await expect(byFormerName).rejects.toMatchObject({ code: "file.not-found" });
  });

  it("answers null where nothing changes, and refuses what is not there or has no lines", async () => {
    const head = await imported((tree) => {
      writeFileSync(join(tree, "a.txt"), Buffer.from([0, 1, 2]));
      writeFileSync(join(tree, "run.sh"), "#!/bin/sh\nexit\n");
    });
    const discard = (path: string, hunks?: string[]) =>
      writer().discard({ ...order(head), from: box.base, files: [{ path, hunks }] });
    await expect(discard("run.sh", ["@@ -1 +1,9 @@"])).rejects.toMatchObject({ code: "work.conflicts" });
    await expect(discard("a.txt", ["@@ -1 +1 @@"])).rejects.toMatchObject({ code: "request.invalid" });
    await expect(discard("../a.txt")).rejects.toMatchObject({ code: "file.not-found" });
    await expect(discard("dir/b.txt")).rejects.toMatchObject({ code: "file.not-found" });
  });
});

describe("merging", () => {
  const merge = async (head: string) => {
    const { commit: tip } = await box.mirrors.ensure({
      ...{ repositoryId: box.repositoryId, repositoryPath: box.user, branch: "main" },
    });
    return writer().merge({ ...order(head), tip });
  };

  it("makes a merge commit where nothing conflicts, goes forward where it can, and names the files otherwise", async () => {
    const head = await imported((tree) => writeFileSync(join(tree, "a.txt"), "agent\n"));
    const tip = commitFiles(box.user, { "run.sh": "#!/bin/sh\nexit 0\n" });
    const merged = await merge(head);
    expect("commit" in merged && inQuarantine("log", "-1", "--format=%P", merged.commit)).toBe(`${head} ${tip}`);
    expect(await merge(box.base)).toEqual({ commit: tip });
    commitFiles(box.user, { "a.txt": "user\n" });
    expect(await merge(head)).toEqual({ conflicts: ["a.txt"] });
  });

  it("runs no merge driver of a tree and no hook, and leaves the user's repository as it is", async () => {
    const evidence = join(box.temp, "hook-ran");
    const driver = `[merge "evil"]\n\tdriver = touch ${join(box.temp, "driver-ran")}\n`;
    const head = await imported((tree) => {
      writeFileSync(join(tree, "a.txt"), "agent\n");
      writeFileSync(join(tree, ".gitattributes"), "* merge=evil\n");
      writeFileSync(join(tree, ".gitconfig"), driver);
    });
    commitFiles(box.user, { "a.txt": "user\n", ".gitattributes": "* merge=evil\n" });
    plantHooks(join(box.user, ".git/hooks"), evidence);
    const before = hashTree(box.user);
    expect(await merge(head)).toMatchObject({ conflicts: ["a.txt"] });
    expect(hashTree(box.user)).toEqual(before);
    expect([evidence, join(box.temp, "driver-ran")].filter(existsSync)).toEqual([]);
  });
});

describe("forking", () => {
  it("brings one checkpoint into another session's quarantine, and again without harm", async () => {
    const first = newId("checkpoint");
    const commit = commitFiles(box.workspace, { "one.txt": "1\n" });
    await box.import(commit, box.bundle(commit), { checkpointId: first });
    const later = commitFiles(box.workspace, { "two.txt": "2\n" });
    await box.import(later, box.bundle(later));
    const to = { sessionId: newId("session"), repositoryId: box.repositoryId, checkpointId: newId("checkpoint") };
    for (let time = 0; time < 2; time++) {
      await writer().fork({ sessionId: box.sessionId, checkpointId: first }, to);
    }
    const gitDir = box.quarantine.path(to.sessionId);
    expect(plainGit(gitDir, ["for-each-ref", "--format=%(refname) %(objectname)"])).toBe(
      `refs/checkpoints/${to.checkpointId} ${commit}`,
    );
    expect(() => plainGit(gitDir, ["cat-file", "-e", later])).toThrow("Command failed");
    plainGit(gitDir, ["fsck", "--strict", "--connectivity-only"]);
  });
});
