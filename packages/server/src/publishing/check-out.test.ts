import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPublisher } from "../repositories/publish.ts";
import { commitFiles, hashTree, plainGit, plantHooks, writeFiles } from "../repositories/testing/git-fixture.ts";
import { makeSandbox } from "../repositories/testing/sandbox-fixture.ts";
import { checkOut, checkoutPathOf } from "./check-out.ts";

const BRANCH = "agents/add-a-thing-abc123";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
let user: string;
let first: string;
let second: string;
let session: Session;
let path: string;
let log: string;

beforeEach(async () => {
  sandbox = await makeSandbox();
  user = sandbox.user;
  log = "";
  first = commitFiles(sandbox.workspace, { "a.txt": "a\n" });
  await sandbox.import(first, sandbox.bundle(first));
  second = commitFiles(sandbox.workspace, { "b.txt": "b\n" });
  await sandbox.import(second, sandbox.bundle(second, [first]));
  const repository = { id: newId("repository"), name: "user", path: user };
  session = { ...({} as Session), id: sandbox.sessionId, branch: BRANCH, repository };
  path = checkoutPathOf(session);
});
afterEach(() => sandbox.remove());

function publish(commit: string, previous: string | null) {
  const quarantinePath = sandbox.quarantine.path(sandbox.sessionId);
  const request = { repositoryPath: user, quarantinePath, commit, branch: BRANCH, previous, ownWorktree: path };
  return createPublisher({ git: sandbox.git }).publish(request);
}

function check(commit = first) {
  const signal = new AbortController().signal;
  return checkOut(sandbox.git, { session, commit, signal, onLog: (text) => void (log += text) });
}

describe("checking out", () => {
  it("makes a work tree beside the repository, and finds it again", async () => {
    await publish(first, null);
    expect(await check()).toEqual({ path: join(sandbox.temp, "user.worktrees", "add-a-thing-abc123"), made: true });
    expect(plainGit(path, ["status", "--porcelain", "--branch"])).toBe(`## ${BRANCH}`);
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("a\n");
    expect(await check()).toEqual({ path, made: false });
    expect(plainGit(user, ["status", "--porcelain"])).toBe("");
  });

  it("leaves nothing of another commit than the one that was asked for", async () => {
    await publish(second, null);
    await expect(check(first)).rejects.toMatchObject({
      code: "branch.refused",
      message: expect.stringContaining("moved"),
    });
    expect(existsSync(path)).toBe(false);
    expect((await check(second)).made).toBe(true);
  });

  it("makes it again where the user removed it, by git or by hand", async () => {
    await publish(first, null);
    await check();
    plainGit(user, ["worktree", "remove", path]);
    expect((await check()).made).toBe(true);
    rmSync(path, { recursive: true });
    expect((await check()).made).toBe(true);
    expect(plainGit(path, ["status", "--porcelain"])).toBe("");
  });

  it("does not make it again while a locked one is away", async () => {
    await publish(first, null);
    await check();
    plainGit(user, ["worktree", "lock", "--reason", "on a disk", path]);
    const away = join(sandbox.temp, "away");
    renameSync(path, away);
    await expect(check()).rejects.toMatchObject({ code: "branch.refused", message: expect.stringContaining("locked") });
    renameSync(away, path);
    expect(plainGit(path, ["rev-parse", "HEAD"])).toBe(first);
    expect(await check()).toEqual({ path, made: false });
  });

  it("clears away what a server that was killed left half made", async () => {
    await publish(first, null);
    await check();
    writeFileSync(join(user, ".git", "worktrees", "add-a-thing-abc123", "locked"), "initializing");
    writeFiles(path, { "a.txt": "half" });
    expect((await check()).made).toBe(true);
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("a\n");
    expect(log).toContain("earlier try");
  });

  it("refuses where something else is in its place, where the branch is in use, and where it has changes", async () => {
    await publish(first, null);
    mkdirSync(path, { recursive: true });
    writeFiles(path, { "mine.txt": "mine" });
    await expect(check()).rejects.toMatchObject({ code: "branch.refused", message: expect.stringContaining(path) });
    expect(readFileSync(join(path, "mine.txt"), "utf8")).toBe("mine");

    plainGit(user, ["checkout", "--quiet", BRANCH]);
    await expect(check()).rejects.toMatchObject({ code: "branch.refused", message: expect.stringContaining(user) });
    plainGit(user, ["checkout", "--quiet", "main"]);
    rmSync(path, { recursive: true });

    await check();
    writeFiles(path, { "a.txt": "mine\n" });
    await expect(check()).rejects.toMatchObject({ code: "tree.not-clean", message: expect.stringContaining("a.txt") });
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("mine\n");
  });

  it("runs no hook and no filter", async () => {
    const evidence = join(sandbox.temp, "ran");
    const program = join(sandbox.temp, "program");
    writeFileSync(program, `#!/bin/sh\necho "$0" >> '${evidence}'\ncat\n`);
    chmodSync(program, 0o755);
    const evil = commitFiles(sandbox.workspace, { ".gitattributes": "*.txt filter=evil\n" });
    await sandbox.import(evil, sandbox.bundle(evil, [second]));
    plainGit(user, ["config", "filter.evil.smudge", program]);
    plainGit(user, ["config", "filter.evil.clean", program]);
    plantHooks(join(user, ".git", "hooks"), evidence);
    await publish(evil, null);
    await check(evil);
    await check(evil);
    expect(existsSync(evidence)).toBe(false);
    expect(log).toContain("evil");
    // The control.
    plainGit(user, ["worktree", "add", "--quiet", "--detach", join(sandbox.temp, "plain"), BRANCH]);
    expect(readFileSync(evidence, "utf8")).toContain("program");
    expect(readFileSync(evidence, "utf8")).toContain("post-checkout");
  });
});

describe("a work tree that was checked out", () => {
  it("follows the branch while it is clean", async () => {
    await publish(first, null);
    await check();
    writeFiles(path, { "notes.txt": "mine, untracked\n" });
    expect(await publish(second, first)).toEqual({ outcome: "published", commit: second, followed: path });
    expect(plainGit(path, ["status", "--porcelain", "--branch"])).toBe(`## ${BRANCH}\n?? notes.txt`);
    expect(plainGit(path, ["rev-parse", "HEAD"])).toBe(second);
    expect(readFileSync(join(path, "b.txt"), "utf8")).toBe("b\n");
  });

  it("follows work that the agent rewrote", async () => {
    await publish(second, null);
    await check(second);
    plainGit(sandbox.workspace, ["reset", "--quiet", "--hard", sandbox.base]);
    const rewritten = commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    await sandbox.import(rewritten, sandbox.bundle(rewritten));
    expect((await publish(rewritten, second)).outcome).toBe("published");
    expect(plainGit(path, ["status", "--porcelain"])).toBe("");
    expect(existsSync(join(path, "a.txt"))).toBe(false);
  });

  it("stays, and the branch with it, where it has changes or files in the way", async () => {
    await publish(first, null);
    await check();
    writeFiles(path, { "a.txt": "mine\n" });
    const before = [hashTree(path), plainGit(user, ["rev-parse", BRANCH])];
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("a.txt"),
    });
    expect([hashTree(path), plainGit(user, ["rev-parse", BRANCH])]).toEqual(before);
    plainGit(path, ["checkout", "--quiet", "a.txt"]);

    writeFiles(path, { "b.txt": "mine, untracked\n" });
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("b.txt"),
    });
    expect(readFileSync(join(path, "b.txt"), "utf8")).toBe("mine, untracked\n");
    expect(plainGit(user, ["rev-parse", BRANCH])).toBe(first);
  });

  it("keeps commits of the user's", async () => {
    await publish(first, null);
    await check();
    const mine = commitFiles(path, { "mine.txt": "mine\n" });
    expect(await publish(second, first)).toMatchObject({
      outcome: "conflicted",
      reason: expect.stringContaining("moved"),
    });
    expect(plainGit(user, ["rev-parse", BRANCH])).toBe(mine);
  });

  it("is brought to its end where a server was killed between files and branch", async () => {
    await publish(first, null);
    await check();
    plainGit(user, ["fetch", "--quiet", sandbox.quarantine.path(sandbox.sessionId), second]);
    plainGit(path, ["read-tree", "-m", "-u", first, second]);
    expect(plainGit(path, ["status", "--porcelain"])).toBe("A  b.txt");
    expect(await publish(second, first)).toMatchObject({ outcome: "published", followed: path });
    expect(plainGit(path, ["status", "--porcelain"])).toBe("");
  });
});
