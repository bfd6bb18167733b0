import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { BUNDLE_REF } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, describe, expect, it } from "vitest";
import { createQuarantine } from "./quarantine.ts";
import { commitFiles, plainGit } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

/** Each attack stands beside the same thing done honestly, or with the guard off, which must succeed. */

type Sandbox = Awaited<ReturnType<typeof makeSandbox>>;
let sandbox: Sandbox;
afterEach(() => sandbox.remove());

async function start(options: Parameters<typeof makeSandbox>[0] = {}): Promise<Sandbox> {
  sandbox = await makeSandbox(options);
  return sandbox;
}

const refused = (words: string) => ({ code: "checkpoint.refused", message: expect.stringContaining(words) });

/** Writes a tree without git's own checks; `entries` are `mode name` → object. */
function writeTree(repository: string, entries: [mode: string, name: string, object: string][]): string {
  const raw = entries.flatMap(([mode, name, object]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(object, "hex")]);
  const args = ["hash-object", "-t", "tree", "-w", "--stdin", "--literally"];
  return plainGit(repository, args, { input: Buffer.concat(raw) });
}

function commitTree(tree: string, parent: string): string {
  return plainGit(sandbox.workspace, ["commit-tree", "-p", parent, "-m", "Made by hand", tree]);
}

/** A pack of exactly these objects of the workspace. */
function packOf(objects: string[]): Buffer {
  const prefix = join(sandbox.temp, "packed");
  const input = objects.map((id) => `${id}\n`).join("");
  const hash = plainGit(sandbox.workspace, ["pack-objects", "--quiet", prefix], { input });
  return readFileSync(`${prefix}-${hash}.pack`);
}

/** A bundle of `commit` with a head that says it builds on the base, and exactly these objects. */
function handMade(commit: string, objects: string[]): Buffer {
  const head = `# v2 git bundle\n-${sandbox.base} First\n${commit} ${BUNDLE_REF}\n\n`;
  return Buffer.concat([Buffer.from(head), packOf(objects)]);
}

describe("the head of the bundle", () => {
  it("carries exactly the agreed ref at the announced commit", async () => {
    const { workspace, base } = await start();
    const first = commitFiles(workspace, { "a.txt": "a\n" });
    const second = commitFiles(workspace, { "b.txt": "b\n" });
    const pack = sandbox.bundle(second).subarray(sandbox.bundle(second).indexOf("\n\n") + 2);
    const withHead = (lines: string[]) =>
      Buffer.concat([Buffer.from(`# v2 git bundle\n${lines.join("\n")}\n\n`), pack]);
    const needs = `-${base} First`;

    await expect(sandbox.import(second, withHead([needs, `${second} refs/heads/main`]))).rejects.toMatchObject(
      refused("refs/heads/main"),
    );
    await expect(sandbox.import(first, withHead([needs, `${second} ${BUNDLE_REF}`]))).rejects.toMatchObject(
      refused("announced"),
    );
    const two = [needs, `${second} ${BUNDLE_REF}`, `${first} refs/heads/x`];
    await expect(sandbox.import(second, withHead(two))).rejects.toMatchObject(refused("2 refs"));
    const many = Array.from({ length: 100_000 }, (_, n) => `${second} refs/heads/${n}`);
    await expect(sandbox.import(second, withHead(many))).rejects.toMatchObject({ code: "checkpoint.refused" });
    await expect(
      sandbox.import(second, withHead([needs, "@filter=blob:none", `${second} ${BUNDLE_REF}`])),
    ).rejects.toMatchObject(refused("not understood"));
    await expect(sandbox.import(second, Buffer.from("not a bundle\n\nPACK"))).rejects.toMatchObject(
      refused("not a git bundle"),
    );
    expect(sandbox.holds(second)).toBe(false);

    expect((await sandbox.import(second, withHead([needs, `${second} ${BUNDLE_REF}`]))).commit).toBe(second);
  });

  it("builds only on commits that are known", async () => {
    const { workspace, base } = await start();
    const first = commitFiles(workspace, { "a.txt": "a\n" });
    const second = commitFiles(workspace, { "b.txt": "b\n" });
    const needsFirst = sandbox.bundle(second, [first]);
    await expect(sandbox.import(second, needsFirst)).rejects.toMatchObject(refused(first));

    // The same pack with a head that hides what it needs.
    const pack = needsFirst.subarray(needsFirst.indexOf("\n\n") + 2);
    const hidden = Buffer.concat([Buffer.from(`# v2 git bundle\n-${base} x\n${second} ${BUNDLE_REF}\n\n`), pack]);
    await expect(sandbox.import(second, hidden)).rejects.toMatchObject({ code: "checkpoint.refused" });
    expect(sandbox.holds(second)).toBe(false);

    await sandbox.import(first, sandbox.bundle(first));
    expect((await sandbox.import(second, needsFirst)).commit).toBe(second);
  });

  it("does not take a blob for the commit", async () => {
    const { workspace } = await start();
    const commit = commitFiles(workspace, { "a.txt": "a\n" });
    const blob = plainGit(workspace, ["rev-parse", "HEAD:a.txt"]);
    await expect(sandbox.import(blob, handMade(blob, [blob]))).rejects.toMatchObject(refused("not known"));
    expect((await sandbox.import(commit, sandbox.bundle(commit))).commit).toBe(commit);
  });
});

describe("the objects", () => {
  it("cannot pull in a blob of the user's that the session was not given", async () => {
    const { workspace, user, base } = await start();
    plainGit(user, ["checkout", "--quiet", "-b", "private"]);
    commitFiles(user, { "secret.txt": "the user's secret\n" });
    const secret = plainGit(user, ["rev-parse", "HEAD:secret.txt"]);
    const tree = writeTree(workspace, [["100644", "stolen.txt", secret]]);
    const commit = commitTree(tree, base);
    const theft = handMade(commit, [commit, tree]);

    await expect(sandbox.import(commit, theft)).rejects.toMatchObject({ code: "checkpoint.refused" });
    expect(sandbox.holds(commit)).toBe(false);

    // Guard off: a quarantine that borrows from the user's own store completes it.
    const open = createQuarantine({
      git: sandbox.git,
      dataDir: join(sandbox.temp, "open"),
      mirrors: { path: () => join(user, ".git") },
    });
    const { sessionId, repositoryId } = sandbox;
    const ids = { sessionId, repositoryId, checkpointId: newId("checkpoint"), baseCommit: base, previousCommit: base };
    await open.importBundle({ ...ids, commit, bundle: Readable.from([theft]) });
    expect(plainGit(open.path(sessionId), ["show", `${commit}:stolen.txt`])).toBe("the user's secret");
  });

  it.each([
    [".git", "hasDotgit"],
    [".GIT", "hasDotgit"],
    ["..", "hasDotdot"],
  ])("cannot hold a directory %j with a config in it", async (name, complaint) => {
    const { workspace, base } = await start();
    const blob = plainGit(workspace, ["hash-object", "-w", "--stdin"], { input: "[core]\n\tfsmonitor = evil\n" });
    const evil = commitTree(
      writeTree(workspace, [["40000", name, writeTree(workspace, [["100644", "config", blob]])]]),
      base,
    );
    const objects = plainGit(workspace, ["rev-list", "--objects", "--no-object-names", `${base}..${evil}`]);
    const bundle = handMade(evil, objects.split("\n"));
    await expect(sandbox.import(evil, bundle)).rejects.toMatchObject(refused(complaint));
    expect(sandbox.holds(evil)).toBe(false);

    // Guard off: git's own fetch from the same bundle, without checks, takes it.
    writeFileSync(join(sandbox.temp, "evil.bundle"), bundle);
    plainGit(sandbox.mirrorPath, ["fetch", "--quiet", join(sandbox.temp, "evil.bundle"), `${BUNDLE_REF}:refs/x/evil`]);
    expect(plainGit(sandbox.mirrorPath, ["cat-file", "-t", evil])).toBe("commit");
  });

  it("cannot be cut short or damaged", async () => {
    const { workspace } = await start();
    const commit = commitFiles(workspace, { "a.txt": "a\n".repeat(500) });
    const bundle = sandbox.bundle(commit);
    await expect(sandbox.import(commit, bundle.subarray(0, -25))).rejects.toMatchObject(refused("not sound"));
    const damaged = Buffer.from(bundle);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 30) ^ 0xff, damaged.length - 30);
    await expect(sandbox.import(commit, damaged)).rejects.toMatchObject(refused("not sound"));
    expect(sandbox.holds(commit)).toBe(false);
    expect((await sandbox.import(commit, bundle)).commit).toBe(commit);
  });
});

describe("sizes", () => {
  it("has a limit for the bundle, for its objects and for what they unpack to", async () => {
    const bomb = { "zeros.bin": Buffer.alloc(4 * 1024 * 1024) };
    const tight = [
      { limits: { bundleBytes: 100 }, words: "over 100 bytes" },
      { limits: { objects: 2 }, words: "3 objects" },
      { limits: { unpackedBytes: 1024 * 1024 }, words: "unpacks to" },
    ];
    for (const { limits, words } of tight) {
      const { workspace } = await start({ limits });
      const commit = commitFiles(workspace, bomb);
      await expect(sandbox.import(commit, sandbox.bundle(commit))).rejects.toMatchObject(refused(words));
      expect(sandbox.holds(commit)).toBe(false);
      sandbox.remove();
    }
    const { workspace } = await start();
    const commit = commitFiles(workspace, bomb);
    expect((await sandbox.import(commit, sandbox.bundle(commit))).changes.files).toBe(1);
  });

  it("has a limit for the memory git may take", async () => {
    const { workspace } = await start({ limits: { allocationBytes: 1024 * 1024 } });
    const commit = commitFiles(workspace, { "zeros.bin": Buffer.alloc(8 * 1024 * 1024) });
    await expect(sandbox.import(commit, sandbox.bundle(commit))).rejects.toMatchObject(refused("over limit"));
    sandbox.remove();
    await start({ limits: { allocationBytes: 64 * 1024 * 1024 } });
    const again = commitFiles(sandbox.workspace, { "zeros.bin": Buffer.alloc(8 * 1024 * 1024) });
    expect((await sandbox.import(again, sandbox.bundle(again))).commit).toBe(again);
  });

  it("has a limit for the files of a tree, however few objects they take", async () => {
    const { workspace, base } = await start({ limits: { paths: 50_000 } });
    const nest = (depth: number) => {
      let object = plainGit(workspace, ["hash-object", "-w", "--stdin"], { input: "x" });
      for (let level = 0; level < depth; level += 1) {
        const mode = level === 0 ? "100644" : "40000";
        object = writeTree(
          workspace,
          Array.from("0123456789", (name) => [mode, name, object]),
        );
      }
      return commitTree(object, base);
    };
    const bomb = nest(9);
    await expect(sandbox.import(bomb, sandbox.bundle(bomb))).rejects.toMatchObject(refused("50000 files"));
    expect(sandbox.holds(bomb)).toBe(false);
    const fine = nest(4);
    expect((await sandbox.import(fine, sandbox.bundle(fine))).changes.files).toBe(10_001);
  });

  it("has a limit for an upload that stands still", async () => {
    await start({ limits: { idleMs: 50 } });
    const { quarantine, sessionId, repositoryId, base } = sandbox;
    const ids = { sessionId, repositoryId, checkpointId: newId("checkpoint"), baseCommit: base, previousCommit: base };
    const silent = new Readable({ read: () => undefined });
    const importing = quarantine.importBundle({ ...ids, commit: base, bundle: silent });
    await expect(importing).rejects.toMatchObject(refused("nothing arrived"));
    expect(silent.destroyed).toBe(true);
  });
});
