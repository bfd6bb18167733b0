import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGit } from "./git-process.ts";

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "background-agents-process-")));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const git = createGit();

async function makeRepository(name: string): Promise<string> {
  const path = join(dir, name);
  mkdirSync(path);
  await git.run(["init", "--quiet", "--template="], { cwd: path });
  return path;
}

describe("run", () => {
  it("gives output and exit code, and takes input from text and from streams", async () => {
    const cwd = await makeRepository("one");
    const hash = "d95f3ad14dee633a758d2e331151e950dd13e4ed";
    expect((await git.run(["hash-object", "--stdin"], { cwd, input: "content\n" })).stdout).toBe(`${hash}\n`);
    const input = Readable.from([Buffer.from("con"), Buffer.from("tent\n")]);
    expect((await git.run(["hash-object", "--stdin"], { cwd, input })).stdout).toBe(`${hash}\n`);
    expect((await git.run(["cat-file", "-e", hash], { cwd, allowExit: [1] })).exitCode).toBe(1);
  });

  it("fails with git's own words", async () => {
    const cwd = await makeRepository("one");
    await expect(git.run(["cat-file", "-t", "nonsense"], { cwd })).rejects.toMatchObject({
      code: "git.failed",
      message: expect.stringContaining("Not a valid object name nonsense"),
    });
    await expect(git.run(["status"], { cwd: join(dir, "none") })).rejects.toMatchObject({
      message: expect.stringContaining("is gone"),
    });
    await expect(createGit({ env: { PATH: dir } }).run(["status"], { cwd })).rejects.toMatchObject({
      message: expect.stringContaining("git was not found"),
    });
  });

  it("fails when its input breaks off", async () => {
    const cwd = await makeRepository("one");
    const input = new Readable({ read: () => undefined });
    const running = git.run(["hash-object", "--stdin"], { cwd, input });
    input.push("half");
    input.destroy(new Error("gone"));
    await expect(running).rejects.toMatchObject({ code: "git.failed", message: expect.stringContaining("input") });
  });

  it("ends when it is told to, and hands on what git tells a human", async () => {
    const cwd = await makeRepository("one");
    const input = new Readable({ read: () => undefined });
    const abort = new AbortController();
    const running = git.run(["hash-object", "--stdin"], { cwd, input, signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: "git.failed", message: expect.stringContaining("cancelled") });
    await expect(git.run(["status"], { cwd, signal: abort.signal })).rejects.toThrow("cancelled");
    let told = "";
    await git.run(["cat-file", "-t", "nonsense"], { cwd, allowExit: [128], onMessages: (text) => void (told += text) });
    expect(told).toContain("Not a valid object name");
  });

  it("ends what makes no progress, what takes too long and what writes too much", async () => {
    const cwd = await makeRepository("one");
    const waiting = () => new Readable({ read: () => undefined });
    await expect(git.run(["hash-object", "--stdin"], { cwd, input: waiting(), timeoutMs: 50 })).rejects.toMatchObject({
      message: expect.stringContaining("no progress"),
    });
    await expect(git.run(["hash-object", "--stdin"], { cwd, input: waiting(), deadlineMs: 50 })).rejects.toMatchObject({
      message: expect.stringContaining("not done after"),
    });
    await expect(git.run(["help", "-a"], { cwd, maxOutputBytes: 10 })).rejects.toMatchObject({
      message: expect.stringContaining("over 10 bytes"),
    });
  });

  it("ends early, without failure, when the reader has enough", async () => {
    const cwd = await makeRepository("one");
    const pieces: Buffer[] = [];
    const onOutput = (chunk: Buffer): "stop" => {
      pieces.push(chunk);
      return "stop";
    };
    expect((await git.stream(["help", "-a"], { cwd, onOutput })).exitCode).toBe(0);
    expect(pieces).toHaveLength(1);
  });
});

describe("what git may see", () => {
  const planted = () => ({
    PATH: process.env["PATH"],
    HOME: dir,
    ANTHROPIC_API_KEY: "canary-key",
    GIT_DIR: join(dir, "elsewhere"),
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "alias.seen",
    GIT_CONFIG_VALUE_0: "!true",
    GIT_INDEX_FILE: join(dir, "index"),
  });

  it("is nothing of the user's configuration, keys or GIT_ variables, unless it works for the user", async () => {
    const cwd = await makeRepository("one");
    writeFileSync(join(dir, ".gitconfig"), "[user]\n\tname = Grace\n[alias]\n\tenvironment = !env\n");
    const isolated = createGit({ env: planted() });
    const read = (trust: "isolated" | "user") =>
      isolated.run(["config", "--get", "user.name"], { cwd, trust, allowExit: [1] });
    expect((await read("isolated")).stdout).toBe("");
    expect((await read("user")).stdout).toBe("Grace\n");
    await expect(isolated.run(["seen"], { cwd, trust: "user" })).rejects.toMatchObject({ code: "git.failed" });

    await isolated.run(["config", "alias.environment", "!env"], { cwd });
    const environment = (await isolated.run(["environment"], { cwd })).stdout;
    expect(environment).not.toContain("canary-key");
    expect(environment).not.toContain("elsewhere");
    expect(environment).toContain("GIT_TERMINAL_PROMPT=0");
    expect(environment).toContain("GIT_NO_LAZY_FETCH=1");
  });

  it("is no repository above the one it was pointed at", async () => {
    const outer = await makeRepository("outer");
    const inner = join(outer, "inner");
    mkdirSync(inner);
    await expect(git.run(["rev-parse", "--git-dir"], { cwd: inner })).rejects.toMatchObject({ code: "git.failed" });
    expect((await git.run(["rev-parse", "--show-toplevel"], { cwd: inner, discover: true })).stdout).toBe(`${outer}\n`);
    await expect(git.run(["rev-parse", "--git-dir"], { gitDir: inner })).rejects.toMatchObject({ code: "git.failed" });
  });

  it("is no transport but a local path", async () => {
    const cwd = await makeRepository("one");
    const evidence = join(dir, "ran");
    for (const url of [
      `ext::sh -c touch% ${evidence}`,
      "https://127.0.0.1:9/x",
      "ssh://127.0.0.1:9/x",
      "git://127.0.0.1:9/x",
    ]) {
      await expect(git.run(["ls-remote", url], { cwd })).rejects.toMatchObject({
        message: expect.stringContaining("not allowed"),
      });
    }
    const allowed = { PATH: process.env["PATH"], GIT_ALLOW_PROTOCOL: "ext" };
    spawnSync("git", ["ls-remote", `ext::sh -c touch% ${evidence}`], { cwd, env: allowed });
    expect(spawnSync("ls", [evidence]).status).toBe(0);
  });
});
