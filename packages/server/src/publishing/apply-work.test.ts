import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitFiles, hashTree, plainGit, plantHooks, writeFiles } from "../repositories/testing/git-fixture.ts";
import { makeSandbox } from "../repositories/testing/sandbox-fixture.ts";
import { createGit } from "../lib/git-process.ts";
import { applyWork, type ApplyOrder } from "./apply-work.ts";

let sandbox: Awaited<ReturnType<typeof makeSandbox>>;
let user: string;
let head: string;
let log: string;

beforeEach(async () => {
  sandbox = await makeSandbox({ files: { "README.md": "# Sample\n", "shared.txt": "one\ntwo\nthree\n" } });
  user = sandbox.user;
  log = "";
  commitFiles(sandbox.workspace, { "a.txt": "a\n", "shared.txt": "one\ntwo\nthree\nfour\n" }, "Add a");
  head = commitFiles(sandbox.workspace, { "b.txt": "b\n" }, "Add b");
  await sandbox.import(head, sandbox.bundle(head));
});
afterEach(() => sandbox.remove());

function apply(how: ApplyOrder["how"], commit = head, failpoint?: ApplyOrder["failpoint"]) {
  const git = createGit({ env: { PATH: process.env["PATH"], HOME: sandbox.temp } });
  const session = {
    ...({} as Session),
    ...{ id: sandbox.sessionId, branch: "agents/x", baseCommit: sandbox.base, lastCommit: commit },
    repository: { id: newId("repository"), name: "user", path: user },
  };
  return applyWork(git, {
    session,
    how,
    quarantinePath: sandbox.quarantine.path(sandbox.sessionId),
    scratchDir: join(sandbox.dataDir, "scratch"),
    identity: { name: "Grace", email: "grace@example.com" },
    message: "All of it\n\nBackground-Agents-Session: ses_x\n",
    signal: new AbortController().signal,
    onLog: (text) => void (log += text),
    failpoint,
  });
}

const subjects = () => plainGit(user, ["log", "--format=%s"]).split("\n");
const status = () => plainGit(user, ["status", "--porcelain"]);

/** Expects the refusal, and every byte of the repository as it was. */
async function expectRefusal(how: ApplyOrder["how"], failure: object, commit = head): Promise<void> {
  const before = hashTree(user);
  await expect(apply(how, commit)).rejects.toMatchObject(failure);
  expect(hashTree(user)).toEqual(before);
}

describe("applying commits", () => {
  it("takes them as they are where the branch has not moved", async () => {
    const applied = await apply("commits");
    expect(applied).toMatchObject({ branch: "main", commit: head });
    expect(plainGit(user, ["rev-parse", "main"])).toBe(head);
    expect(status()).toBe("");
    expect(readFileSync(join(user, "b.txt"), "utf8")).toBe("b\n");
    expect(plainGit(user, ["fsck", "--strict", "--no-dangling"])).toBe("");
  });

  it("makes them anew on top of the user's own, with author and committer, and does nothing twice", async () => {
    commitFiles(user, { "mine.txt": "mine\n" }, "Mine");
    await apply("commits");
    expect(subjects()).toEqual(["Add b", "Add a", "Mine", "First"]);
    expect(plainGit(user, ["log", "-1", "--format=%an %cn"])).toBe("Ada Grace");
    expect(status()).toBe("");
    expect((await apply("commits")).result).toContain("already");
    expect(subjects()).toHaveLength(4);
    expect(log).toContain("Add a");
    expect(plainGit(user, ["reflog", "-1", "--format=%gs"])).toContain("apply agents/x");
  });

  it("refuses merge commits, with advice", async () => {
    plainGit(sandbox.workspace, ["checkout", "--quiet", "-b", "side", sandbox.base]);
    commitFiles(sandbox.workspace, { "c.txt": "c\n" });
    plainGit(sandbox.workspace, ["merge", "--quiet", "-m", "Merge", head]);
    const merge = plainGit(sandbox.workspace, ["rev-parse", "HEAD"]);
    await sandbox.import(merge, sandbox.bundle(merge));
    await expectRefusal(
      "commits",
      { code: "work.conflicts", details: { advice: expect.stringContaining("squash") } },
      merge,
    );
    expect((await apply("squash", merge)).result).toBe("1 commit on main");
    expect(readFileSync(join(user, "c.txt"), "utf8")).toBe("c\n");
  });
});

it("squashes into one commit by the user, with the session in a trailer and no signature", async () => {
  commitFiles(user, { "mine.txt": "mine\n" }, "Mine");
  const evidence = join(sandbox.temp, "signed");
  writeFileSync(join(sandbox.temp, "sign"), `#!/bin/sh\ntouch '${evidence}'\nexit 1\n`, { mode: 0o755 });
  plainGit(user, ["config", "commit.gpgSign", "true"]);
  plainGit(user, ["config", "gpg.program", join(sandbox.temp, "sign")]);
  await apply("squash");
  expect(subjects()).toEqual(["All of it", "Mine", "First"]);
  expect(plainGit(user, ["log", "-1", "--format=%an <%ae> %(trailers:only,unfold)"])).toBe(
    "Grace <grace@example.com> Background-Agents-Session: ses_x",
  );
  expect(status()).toBe("");
  expect(existsSync(evidence)).toBe(false);
  expect(log).toContain("not signed");
});

it("brings a patch into the work tree without a commit", async () => {
  commitFiles(user, { "mine.txt": "mine\n" }, "Mine");
  const applied = await apply("patch");
  expect(subjects()).toEqual(["Mine", "First"]);
  expect(applied.commit).toBe(plainGit(user, ["rev-parse", "HEAD"]));
  expect(status().split("\n")).toEqual(["A  a.txt", "A  b.txt", "M  shared.txt"]);
  plainGit(user, ["checkout", "--quiet", "--detach"]);
  plainGit(user, ["reset", "--quiet", "--hard"]);
  expect((await apply("patch")).result).toContain("staged");
});

describe.each(["commits", "squash", "patch"] as const)("%s are refused, byte for byte, where", (how) => {
  it("the work conflicts with the user's", async () => {
    commitFiles(user, { "shared.txt": "one\ntwo\nthree\nfive\n" }, "Mine");
    await expectRefusal(how, { code: "work.conflicts", message: expect.stringContaining("shared.txt") });
  });

  it("a tracked file has changes", async () => {
    writeFiles(user, { "README.md": "# Mine\n" });
    await expectRefusal(how, { code: "tree.not-clean", message: expect.stringContaining("README.md") });
    plainGit(user, ["add", "README.md"]);
    await expectRefusal(how, { code: "tree.not-clean" });
  });

  it("an untracked or ignored file is in the way", async () => {
    writeFiles(user, { "b.txt": "mine\n", "other.txt": "stays\n" });
    await expectRefusal(how, { code: "tree.not-clean", message: expect.stringContaining("b.txt") });
    writeFiles(user, { ".git/info/exclude": "b.txt\n" });
    await expectRefusal(how, { code: "tree.not-clean", message: expect.stringContaining("b.txt") });
    rmSync(join(user, "b.txt"));
    // A directory where a file is to be, with something in it.
    writeFiles(user, { "b.txt/kept.txt": "mine\n" });
    await expectRefusal(how, { code: "tree.not-clean", message: expect.stringContaining("b.txt/kept.txt") });
    rmSync(join(user, "b.txt"), { recursive: true });
    await apply(how);
    expect(readFileSync(join(user, "other.txt"), "utf8")).toBe("stays\n");
  });

  it("something is under way", async () => {
    plainGit(user, ["checkout", "--quiet", "-b", "side"]);
    commitFiles(user, { "shared.txt": "one\nTWO\nthree\n" });
    plainGit(user, ["checkout", "--quiet", "main"]);
    commitFiles(user, { "shared.txt": "one\nzwei\nthree\n" });
    expect(() => plainGit(user, ["merge", "side"])).toThrow("merge");
    await expectRefusal(how, { code: "branch.refused", message: expect.stringContaining("a merge") });
    plainGit(user, ["merge", "--abort"]);
    expect(() => plainGit(user, ["rebase", "side"])).toThrow("rebase");
    await expectRefusal(how, { code: "branch.refused", message: expect.stringContaining("a rebase") });
  });

  it("there is no commit yet", async () => {
    plainGit(user, ["checkout", "--quiet", "--orphan", "fresh"]);
    plainGit(user, ["rm", "--quiet", "-rf", "."]);
    await expectRefusal(how, { code: "branch.refused", message: expect.stringContaining("no commit yet") });
  });
});

it.each(["commits", "squash"] as const)("%s need a branch", async (how) => {
  plainGit(user, ["checkout", "--quiet", "--detach"]);
  await expectRefusal(how, { code: "branch.refused", message: expect.stringContaining("detached") });
});

it.each(["commits", "squash", "patch"] as const)(
  "%s are brought to their end where a server was killed",
  async (how) => {
    commitFiles(user, { "mine.txt": "mine\n" }, "Mine");
    const killed = apply(how, head, (name) => {
      throw new Error(`killed at ${name}`);
    });
    await expect(killed).rejects.toThrow("apply.moved");
    expect(status()).not.toBe("");
    await apply(how);
    expect(subjects()).toHaveLength({ commits: 4, squash: 3, patch: 2 }[how]);
    expect(status()).toBe(how === "patch" ? "A  a.txt\nA  b.txt\nM  shared.txt" : "");
    if (how !== "patch") return;
    writeFiles(user, { "a.txt": "mine\n" });
    await expectRefusal(how, { code: "tree.not-clean" });
  },
);

it("runs no hook, filter or merge driver that the agent's files choose", async () => {
  const evidence = join(sandbox.temp, "ran");
  const program = join(sandbox.temp, "program");
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> '${evidence}'\ncat\n`);
  chmodSync(program, 0o755);
  const files = {
    ".gitattributes": "*.txt filter=evil merge=evil diff=evil\n",
    "shared.txt": "zero\none\ntwo\nthree\n",
  };
  const commit = commitFiles(sandbox.workspace, files, "Evil");
  await sandbox.import(commit, sandbox.bundle(commit));
  for (const [name, value] of [
    ["filter.evil.smudge", program],
    ["filter.evil.clean", program],
    ["filter.evil.required", "true"],
    ["merge.evil.driver", `${program} %A`],
    ["diff.evil.textconv", program],
  ] as const) {
    plainGit(user, ["config", name, value]);
  }
  plantHooks(join(user, ".git", "hooks"), evidence);
  mkdirSync(join(sandbox.temp, "hooks"), { recursive: true });
  plantHooks(join(sandbox.temp, "hooks"), evidence);
  writeFileSync(join(sandbox.temp, ".gitconfig"), `[core]\n\thooksPath = ${join(sandbox.temp, "hooks")}\n`);
  commitFiles(user, { "mine.txt": "mine\n" }, "Mine");
  rmSync(evidence, { force: true });

  await apply("commits", commit);
  expect(subjects()[0]).toBe("Evil");
  expect(existsSync(evidence)).toBe(false);

  // The control: plain git runs both.
  plainGit(user, ["checkout", "--quiet", "HEAD~1"]);
  plainGit(user, ["checkout", "--quiet", "main"]);
  expect(readFileSync(evidence, "utf8")).toContain("program");
  expect(readFileSync(evidence, "utf8")).toContain("post-checkout");
});
