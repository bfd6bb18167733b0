import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { afterEach, describe, expect, it } from "vitest";
import { commitFiles, plainGit } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

type Sandbox = Awaited<ReturnType<typeof makeSandbox>>;

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

async function start(options: Parameters<typeof makeSandbox>[0] = {}): Promise<Sandbox> {
  sandbox = await makeSandbox(options);
  return sandbox;
}

describe("importing a turn's work", () => {
  it("takes a commit in and counts what the session and what the turn changed", async () => {
    const { workspace, base } = await start();
    const first = commitFiles(workspace, { "a.txt": "one\ntwo\n" });
    expect(await sandbox.import(first, sandbox.bundle(first))).toEqual({
      commit: first,
      changes: { files: 1, additions: 2, deletions: 0 },
      turn: { files: 1, additions: 2, deletions: 0 },
      notices: [],
    });

    const second = commitFiles(workspace, { "a.txt": "one\n", "b.txt": "b\n" });
    const again = await sandbox.import(second, sandbox.bundle(second, [first]), { previousCommit: first });
    expect(again.changes).toEqual({ files: 2, additions: 2, deletions: 0 });
    expect(again.turn).toEqual({ files: 2, additions: 1, deletions: 1 });
    expect(plainGit(sandbox.quarantine.path(sandbox.sessionId), ["fsck", "--strict"])).toBe("");
    expect(
      plainGit(sandbox.quarantine.path(sandbox.sessionId), ["rev-list", `${base}..${second}`]).split("\n"),
    ).toEqual([second, first]);
  });

  it("answers the same to the same checkpoint sent twice, and refuses another commit under its id", async () => {
    const { workspace } = await start();
    const checkpointId = newId("checkpoint");
    const first = commitFiles(workspace, { "a.txt": "one\n" });
    const bundle = sandbox.bundle(first);
    const answer = await sandbox.import(first, bundle, { checkpointId });
    expect(await sandbox.import(first, bundle, { checkpointId })).toEqual(answer);
    const second = commitFiles(workspace, { "a.txt": "two\n" });
    await expect(sandbox.import(second, sandbox.bundle(second), { checkpointId })).rejects.toMatchObject({
      code: "checkpoint.refused",
    });
  });

  it("needs no bundle for a commit that is known, and refuses one that is not", async () => {
    const { workspace, base } = await start();
    expect((await sandbox.import(base, null)).changes).toEqual({ files: 0, additions: 0, deletions: 0 });
    expect((await sandbox.import(base, Buffer.alloc(0))).commit).toBe(base);
    const unsent = commitFiles(workspace, { "a.txt": "one\n" });
    await expect(sandbox.import(unsent, null)).rejects.toMatchObject({ code: "checkpoint.refused" });
    await sandbox.import(unsent, sandbox.bundle(unsent));
    expect((await sandbox.import(unsent, null)).changes.files).toBe(1);
  });

  it("takes rewritten history, with a notice when the base is gone from it", async () => {
    const { workspace } = await start();
    const first = commitFiles(workspace, { "a.txt": "one\n" });
    await sandbox.import(first, sandbox.bundle(first));
    plainGit(workspace, ["commit", "--quiet", "--amend", "-m", "Amended"]);
    const amended = plainGit(workspace, ["rev-parse", "HEAD"]);
    expect((await sandbox.import(amended, sandbox.bundle(amended), { previousCommit: first })).notices).toEqual([]);

    plainGit(workspace, ["checkout", "--quiet", "--orphan", "anew"]);
    plainGit(workspace, ["commit", "--quiet", "-m", "Anew"]);
    const orphan = plainGit(workspace, ["rev-parse", "HEAD"]);
    const answer = await sandbox.import(orphan, sandbox.bundle(orphan, []), { previousCommit: amended });
    expect(answer.notices).toHaveLength(1);
    expect(answer.changes).toEqual({ files: 1, additions: 1, deletions: 0 });
  });

  it("keeps the conversation byte for byte, and refuses one that is too long", async () => {
    await start({ limits: { conversationBytes: 100 } });
    const { quarantine, sessionId } = sandbox;
    const checkpointId = newId("checkpoint");
    await quarantine.saveConversation(
      sessionId,
      checkpointId,
      Readable.from([Buffer.from('{"é":'), Buffer.from("1}")]),
    );
    const chunks = await quarantine.openConversation(sessionId, checkpointId)?.toArray();
    expect(Buffer.concat(chunks ?? []).toString("utf8")).toBe('{"é":1}');
    const other = newId("checkpoint");
    const long = quarantine.saveConversation(sessionId, other, Readable.from([Buffer.alloc(101)]));
    await expect(long).rejects.toMatchObject({ code: "checkpoint.refused" });
    expect(quarantine.openConversation(sessionId, other)).toBeUndefined();
  });

  it("keeps nothing of an upload that breaks off", async () => {
    const { workspace } = await start();
    const commit = commitFiles(workspace, { "a.txt": "one\n" });
    const half = sandbox.bundle(commit).subarray(0, 200);
    const broken = Readable.from(
      (function* () {
        yield half;
        throw new Error("connection reset");
      })(),
    );
    const { quarantine, sessionId, repositoryId, base } = sandbox;
    const ids = { sessionId, repositoryId, checkpointId: newId("checkpoint"), baseCommit: base, previousCommit: base };
    await expect(quarantine.importBundle({ ...ids, commit, bundle: broken })).rejects.toMatchObject({
      code: "checkpoint.refused",
      message: expect.stringContaining("connection reset"),
    });
    expect(readdirSync(join(sandbox.dataDir, "quarantine", sessionId))).toEqual(["repository.git"]);
    expect(sandbox.holds(commit)).toBe(false);
  });
});

describe("reading changes", () => {
  it("lists added, changed, deleted, renamed, binary and oddly named files", async () => {
    const { workspace, base } = await start({
      files: {
        "old name.txt": "a\nb\nc\nd\ne\n",
        "gone.txt": "x\n",
        "kept.txt": "k\n",
        "image.bin": Buffer.from([0, 1]),
      },
    });
    plainGit(workspace, ["mv", "old name.txt", "new name.txt"]);
    plainGit(workspace, ["rm", "--quiet", "gone.txt"]);
    const commit = commitFiles(workspace, {
      "kept.txt": "k\nl\n",
      'odd\t"ü\n.txt': "odd\n",
      "image.bin": Buffer.from([0, 2, 3]),
    });
    await sandbox.import(commit, sandbox.bundle(commit));
    const range = { sessionId: sandbox.sessionId, from: base, to: commit };
    const id = (at: string, path: string) => plainGit(workspace, ["rev-parse", `${at}:${path}`]);
    const common = { kind: "file", viewed: false, executedBy: null, binary: false, additions: 0, deletions: 0 };
    const mode = "100644";
    const odd = 'odd\t"ü\n.txt';
    expect(await sandbox.quarantine.changes(range)).toEqual([
      {
        ...common,
        ...{ path: "gone.txt", status: "deleted", deletions: 1 },
        ...{ oldMode: mode, oldBlob: id(base, "gone.txt"), newBlob: null },
      },
      {
        ...common,
        ...{ path: "image.bin", status: "modified", binary: true },
        ...{ oldBlob: id(base, "image.bin"), newBlob: id(commit, "image.bin") },
      },
      {
        ...common,
        ...{ path: "kept.txt", status: "modified", additions: 1 },
        ...{ oldBlob: id(base, "kept.txt"), newBlob: id(commit, "kept.txt") },
      },
      {
        ...common,
        ...{ path: "new name.txt", oldPath: "old name.txt", status: "renamed" },
        ...{ oldBlob: id(base, "old name.txt"), newBlob: id(base, "old name.txt") },
      },
      {
        ...common,
        ...{ path: odd, status: "added", additions: 1 },
        ...{ newMode: mode, oldBlob: null, newBlob: id(commit, odd) },
      },
    ]);
    expect(await sandbox.quarantine.diff({ ...range, path: "new name.txt" })).toContain("rename from old name.txt");
    const one = await sandbox.quarantine.diff({ ...range, path: "kept.txt" });
    expect(one).toContain("+l");
    expect(one).not.toContain("gone.txt");
    expect(await sandbox.quarantine.diff({ ...range, path: ":(exclude)kept.txt" })).toBe("");
  });

  it("cuts a patch that is too long after a whole file and says so", async () => {
    const { workspace, base } = await start({ limits: { diffBytes: 2000 } });
    const commit = commitFiles(workspace, { "a.txt": "a\n".repeat(100), "b.txt": "b\n".repeat(2000) });
    await sandbox.import(commit, sandbox.bundle(commit));
    const patch = await sandbox.quarantine.diff({ sessionId: sandbox.sessionId, from: base, to: commit });
    expect(patch).toContain("+a");
    expect(patch).not.toContain("b.txt");
    expect(patch.trimEnd().split("\n").at(-1)).toContain("cut here");
  });

  it("runs no external diff, text conversion or filter that the tree or a configuration names", async () => {
    const { workspace, base } = await start();
    const commit = commitFiles(workspace, { ".gitattributes": "*.txt diff=evil filter=evil\n", "a.txt": "a\n" });
    await sandbox.import(commit, sandbox.bundle(commit));
    const gitDir = sandbox.quarantine.path(sandbox.sessionId);
    const evidence = join(sandbox.temp, "ran");
    mkdirSync(join(gitDir, "info"), { recursive: true });
    writeFileSync(join(gitDir, "info", "attributes"), "*.txt diff=evil\n");
    plainGit(gitDir, ["config", "diff.evil.textconv", `echo ran >> ${evidence}; cat`]);
    const range = { sessionId: sandbox.sessionId, from: base, to: commit };
    expect(await sandbox.quarantine.diff(range)).toContain("+a");
    expect(readdirSync(sandbox.temp)).not.toContain("ran");
    plainGit(gitDir, ["diff", base, commit]);
    expect(readdirSync(sandbox.temp)).toContain("ran");
  });

  it("says which commit it does not know", async () => {
    const { base } = await start();
    const range = { sessionId: sandbox.sessionId, from: base, to: "f".repeat(40) };
    await expect(sandbox.quarantine.changes(range)).rejects.toMatchObject({ code: "checkpoint.not-found" });
    await sandbox.import(base, null);
    await expect(sandbox.quarantine.changes(range)).rejects.toMatchObject({ code: "checkpoint.not-found" });
    await expect(sandbox.quarantine.changes({ ...range, to: "--output=/x" })).rejects.toMatchObject({
      code: "checkpoint.not-found",
    });
  });
});
