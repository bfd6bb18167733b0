import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashTree, makeRepository, plainGit } from "./testing/git-fixture.ts";
import { makeServiceWorld } from "./testing/service-fixture.ts";

let world: ReturnType<typeof makeServiceWorld>;
let temp: ReturnType<typeof makeServiceWorld>["temp"];
let code: string;

beforeEach(() => {
  world = makeServiceWorld();
  ({ temp, code } = world);
});
afterEach(() => world.end());

const start = (env?: Record<string, string>) => world.start(env);
const invalid = (words: string) => ({ code: "repository.invalid", message: expect.stringContaining(words) });

describe("cloning", () => {
  /** ssh that knows one host, on this machine. */
  function fakeSsh(): { GIT_SSH_COMMAND: string; GIT_SSH_VARIANT: string } {
    const script = join(temp.dir, "ssh");
    writeFileSync(script, `#!/bin/sh\nshift $(($# - 1))\nexec sh -c "$1"\n`);
    chmodSync(script, 0o755);
    return { GIT_SSH_COMMAND: script, GIT_SSH_VARIANT: "simple" };
  }

  it("clones into REPOS_DIR, whole, with hooks off and without touching what is there", async () => {
    const remote = makeRepository(join(temp.dir, "remote", "tools"));
    writeFileSync(join(temp.dir, "template-hook"), "");
    const service = start(fakeSsh());
    const url = `ssh://git@example.com${remote}`;
    const cloned = await service.register({ url });
    expect(cloned).toMatchObject({ name: "tools", source: "cloned", path: join(code, "tools"), problem: null });
    expect(readdirSync(code)).toEqual(["tools"]);
    expect(plainGit(cloned.path, ["remote", "get-url", "origin"])).toBe(url);

    const before = hashTree(code);
    await expect(service.register({ url })).rejects.toMatchObject(invalid("is there already"));
    expect(hashTree(code)).toEqual(before);
  });

  it("runs no hook of the user's template", async () => {
    const remote = makeRepository(join(temp.dir, "remote", "tools"));
    const hooks = join(temp.dir, "template", "hooks");
    mkdirSync(hooks, { recursive: true });
    writeFileSync(join(hooks, "post-checkout"), `#!/bin/sh\ntouch '${join(temp.dir, "hook-ran")}'\n`);
    chmodSync(join(hooks, "post-checkout"), 0o755);
    writeFileSync(join(temp.dir, ".gitconfig"), `[init]\n\ttemplateDir = ${join(temp.dir, "template")}\n`);
    await start(fakeSsh()).register({ url: `git@example.com:${remote}` });
    expect(readdirSync(temp.dir)).not.toContain("hook-ran");
    plainGit(code, ["clone", "--quiet", remote, "plain"], { env: { GIT_CONFIG_GLOBAL: join(temp.dir, ".gitconfig") } });
    expect(readdirSync(temp.dir)).toContain("hook-ran");
  });

  it("leaves nothing behind and shows git's words when it fails", async () => {
    const service = start(fakeSsh());
    await expect(service.register({ url: `ssh://git@example.com${temp.dir}/none` })).rejects.toMatchObject({
      code: "repository.clone-failed",
      message: expect.stringContaining("does not appear to be a git repository"),
    });
    expect(readdirSync(code)).toEqual([]);
  });

  it("refuses local paths and other protocols, before and behind git's own redirects", async () => {
    const remote = makeRepository(join(temp.dir, "remote"));
    const service = start(fakeSsh());
    for (const url of [
      remote,
      `file://${remote}`,
      "http://example.com/a",
      "git://example.com/a",
      "ext::sh -c true a",
    ]) {
      await expect(service.register({ url })).rejects.toMatchObject({ code: "repository.invalid" });
    }
    writeFileSync(join(temp.dir, ".gitconfig"), `[url "file://${temp.dir}/"]\n\tinsteadOf = https://example.com/\n`);
    await expect(service.register({ url: "https://example.com/remote" })).rejects.toMatchObject({
      code: "repository.clone-failed",
      message: expect.stringContaining("not allowed"),
    });
    expect(readdirSync(code)).toEqual([]);
  });
});

describe("the sample", () => {
  it("is a clean repository whose tests pass, as often as it is asked for", async () => {
    const service = start();
    const [first, second] = [await service.createSample(), await service.createSample()];
    expect(first).toMatchObject({
      name: "background-agents-sample",
      source: "sample",
      problem: null,
      defaultBranch: "main",
    });
    expect(second.name).toBe("background-agents-sample-2");
    expect(plainGit(first.path, ["status", "--porcelain"])).toBe("");
    expect(plainGit(first.path, ["log", "--format=%s"]).split("\n")).toHaveLength(3);
    const output = execFileSync(process.execPath, ["--test"], {
      cwd: first.path,
      env: { PATH: "/usr/bin:/bin" },
    }).toString();
    expect(output).toMatch(/# pass 4/);
    expect(output).toMatch(/# fail 0/);
    const run = (...args: string[]) =>
      execFileSync(process.execPath, [join(first.path, "src/cli.js"), ...args], { cwd: temp.dir })
        .toString()
        .trim();
    expect(run("add", "Buy oat milk", "--tag", "shopping")).toBe("1. Buy oat milk #shopping");
    expect(run("search", "shop")).toBe("1. Buy oat milk #shopping");
  });
});
