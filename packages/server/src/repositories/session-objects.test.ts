import { chmodSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import { afterEach, describe, expect, it } from "vitest";
import { commitFiles, plainGit, writeFiles } from "./testing/git-fixture.ts";
import { makeSandbox } from "./testing/sandbox-fixture.ts";

type Sandbox = Awaited<ReturnType<typeof makeSandbox>>;

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

async function start(options: Parameters<typeof makeSandbox>[0] = {}): Promise<Sandbox> {
  sandbox = await makeSandbox(options);
  return sandbox;
}

/** Commits what is in the workspace, brings it to the host, gives the range from the base. */
async function importWork(files: Record<string, string | Buffer> = {}) {
  const to = commitFiles(sandbox.workspace, files);
  await sandbox.import(to, sandbox.bundle(to));
  return { sessionId: sandbox.sessionId, from: sandbox.base, to };
}

describe("changed files", () => {
  it("tells links, submodules, modes and files that tools execute", async () => {
    const { workspace } = await start({
      files: { "run.sh": "#!/bin/sh\n", "was-file": "text\n", "ci.yml": "on: push\n" },
    });
    chmodSync(join(workspace, "run.sh"), 0o755);
    unlinkSync(join(workspace, "was-file"));
    symlinkSync("run.sh", join(workspace, "was-file"));
    symlinkSync("../../outside", join(workspace, "link"));
    symlinkSync("conf", join(workspace, ".vscode"));
    writeFiles(workspace, { ".github/workflows/x": "" });
    plainGit(workspace, ["mv", "ci.yml", ".github/workflows/ci.yml"]);
    plainGit(workspace, ["update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`]);
    plainGit(workspace, ["commit", "--quiet", "-m", "Submodule"]);
    const range = await importWork();
    const files = new Map((await sandbox.quarantine.changes(range)).map((file) => [file.path, file]));
    expect(files.get("run.sh")).toMatchObject({ kind: "file", oldMode: "100644", newMode: "100755", executedBy: null });
    expect(files.get("was-file")).toMatchObject({ kind: "link", status: "type-changed", newMode: "120000" });
    expect(files.get("link")).toMatchObject({ kind: "link", status: "added", newMode: "120000", oldBlob: null });
    expect(files.get("link")?.executedBy).toBeNull();
    expect(files.get(".vscode")?.executedBy).toContain("editor");
    expect(files.get("module")).toBeUndefined();
    expect(files.get(".github/workflows/ci.yml")?.executedBy).toContain("CI");
  });

  it("tells files that tools execute by way of a link that was there before, by a chain of them, or is new", async () => {
    const { workspace } = await start({
      files: { "conf/tasks.json": "{}\n", "conf/notes.txt": "old\n", "env/dev": "A=1\n", "hooks.d/pre-push": "true\n" },
    });
    symlinkSync("env/dev", join(workspace, ".envrc"));
    symlinkSync("chained", join(workspace, ".vscode"));
    symlinkSync("conf", join(workspace, "chained"));
    symlinkSync("nowhere", join(workspace, "Makefile"));
    symlinkSync("../outside", join(workspace, ".husky"));
    const linked = await importWork();
    symlinkSync("../hooks.d", join(workspace, "conf", "hooks"));
    const changed = await importWork({
      "conf/tasks.json": '{"tasks": []}\n',
      "conf/notes.txt": "new\n",
      "env/dev": "A=2\n",
      "hooks.d/pre-push": "false\n",
    });
    const files = await sandbox.quarantine.changes({ ...changed, from: linked.to });
    expect(new Map(files.map(({ path, executedBy }) => [path, executedBy]))).toEqual(
      new Map([
        ["conf/hooks", expect.stringContaining("git runs it as a hook") as string],
        ["conf/notes.txt", null],
        ["conf/tasks.json", "The editor runs tasks or tools from it, by the link .vscode."],
        ["env/dev", "The shell runs it when you enter the directory, by the link .envrc."],
        ["hooks.d/pre-push", "git runs it as a hook where hooks are installed from here, by the link conf/hooks."],
      ]),
    );
  });

  it("tells a submodule and its commits", async () => {
    const { workspace } = await start();
    const bump = (commit: string): void => {
      plainGit(workspace, ["update-index", "--add", "--cacheinfo", `160000,${commit},module`]);
      plainGit(workspace, ["commit", "--quiet", "-m", "Submodule"]);
    };
    bump("1".repeat(40));
    const first = plainGit(workspace, ["rev-parse", "HEAD"]);
    bump("2".repeat(40));
    const to = plainGit(workspace, ["rev-parse", "HEAD"]);
    await sandbox.import(to, sandbox.bundle(to));
    const range = { sessionId: sandbox.sessionId, from: first, to };
    expect(await sandbox.quarantine.changes(range)).toMatchObject([
      { path: "module", kind: "submodule", oldBlob: "1".repeat(40), newBlob: "2".repeat(40) },
    ]);
    expect(await sandbox.quarantine.diff(range)).toContain(`+Subproject commit ${"2".repeat(40)}`);
    const content = await sandbox.quarantine.content({ sessionId: range.sessionId, commit: to, path: "module" });
    expect(content).toMatchObject({ kind: "submodule" });
  });
});

describe("patches", () => {
  it("leaves changes of white space out when asked to, and gives as much context as asked for", async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
    await start({ files: { "a.txt": `${lines.join("\n")}\n` } });
    const changed = lines.map((line, index) => (index === 2 ? `   ${line}` : index === 30 ? "other" : line));
    const range = { ...(await importWork({ "a.txt": `${changed.join("\n")}\n` })), path: "a.txt" };
    const shown = await sandbox.quarantine.diff(range);
    expect(shown).toContain("+   line 3");
    const ignored = await sandbox.quarantine.diff({ ...range, whitespace: "ignore" });
    expect(ignored).not.toContain("+   line 3");
    expect(ignored).toContain("+other");
    expect((await sandbox.quarantine.diff({ ...range, context: 0 })).match(/^ /gm)).toBeNull();
    const whole = await sandbox.quarantine.diff({ ...range, context: "all" });
    expect(whole.match(/^ line/gm)).toHaveLength(38);
    expect(whole.match(/^@@/gm)).toHaveLength(1);
  });

  it("gives the whole diff of one file of 50,000 lines, and cuts one that is larger than the limit, saying so", async () => {
    await start({ limits: { fileDiffBytes: 4 * 1024 ** 2 } });
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `value ${index}\n`).join("");
    const range = await importWork({ "large.txt": lines(50_000), "larger.txt": lines(500_000) });
    const large = await sandbox.quarantine.diff({ ...range, path: "large.txt" });
    expect(large.match(/^\+value/gm)).toHaveLength(50_000);
    const larger = await sandbox.quarantine.diff({ ...range, path: "larger.txt" });
    expect(larger.length).toBeLessThan(4.1 * 1024 ** 2);
    expect(larger.trimEnd().split("\n").at(-1)).toBe("# The diff is cut here: it is over 4096 kB.");
  });
});

describe("contents", () => {
  it("gives a file byte for byte, where a link points to, and nothing for what is not there", async () => {
    const { workspace } = await start({ files: { "old.txt": "old\n", "dir/a": "a" } });
    symlinkSync("/etc/passwd", join(workspace, "link"));
    const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 254, 10, 13]);
    const { to, sessionId } = await importWork({ "image.png": image });
    const read = (path: string, commit = to) => sandbox.quarantine.content({ sessionId, commit, path });
    expect((await read("image.png")).bytes).toEqual(image);
    expect(await read("link")).toMatchObject({ kind: "link", bytes: Buffer.from("/etc/passwd") });
    expect((await read("old.txt", sandbox.base)).bytes.toString()).toBe("old\n");
    for (const path of ["missing", "dir", "dir/", "../old.txt", "/old.txt", ":(glob)*", "a\0b", ""]) {
      await expect(read(path)).rejects.toMatchObject({ code: "file.not-found" });
    }
    await expect(read("image.png", sandbox.base)).rejects.toMatchObject({ code: "file.not-found" });
  });

  it("refuses a file over the limit", async () => {
    await start({ limits: { contentBytes: 100 } });
    const { to: commit, sessionId } = await importWork({
      "large.bin": Buffer.alloc(101),
      "fits.bin": Buffer.alloc(100),
    });
    expect((await sandbox.quarantine.content({ sessionId, commit, path: "fits.bin" })).bytes).toHaveLength(100);
    const large = sandbox.quarantine.content({ sessionId, commit, path: "large.bin" });
    await expect(large).rejects.toMatchObject({ code: "request.too-large" });
  });

  it("reads the base from the mirror before anything came out of the sandbox", async () => {
    const { base: commit, repositoryId } = await start({ files: { "a.txt": "a\n" } });
    const sessionId = newId("session");
    const content = await sandbox.quarantine.content({ sessionId, repositoryId, commit, path: "a.txt" });
    expect(content.bytes.toString()).toBe("a\n");
    const without = sandbox.quarantine.content({ sessionId, commit, path: "a.txt" });
    await expect(without).rejects.toMatchObject({ code: "checkpoint.not-found" });
  });
});
