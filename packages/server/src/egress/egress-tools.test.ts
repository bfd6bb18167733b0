import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { closeProxies, startProxy } from "./testing/proxy-fixture.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "egress-tools-"));
});
afterEach(() => {
  closeProxies();
  rmSync(home, { recursive: true, force: true });
});

/** What a tool prints that finds its host blocked. */
async function runBlocked(file: string, args: readonly string[]): Promise<{ output: string; hosts: string[] }> {
  const { port, blocked } = await startProxy({});
  const proxy = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    GIT_TERMINAL_PROMPT: "0",
    npm_config_registry: "https://packages.example.com/",
    npm_config_fetch_retries: "0",
  };
  const output = await new Promise<string>((resolve) => {
    execFile(file, args, { env, cwd: home }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  return { output, hosts: blocked.map(({ host, port: of }) => `${host}:${of}`) };
}

it("tells npm which host is blocked, and that the user was asked", async () => {
  const { output, hosts } = await runBlocked("npm", ["view", "left-pad"]);
  expect(output).toContain("Blocked by the sandbox's network policy: packages.example.com is not on the list");
  expect(output).toContain("the user was asked");
  expect(hosts).toEqual(["packages.example.com:443"]);
});

it("gives git the status that the agent's notes speak of", async () => {
  const { output, hosts } = await runBlocked("git", ["ls-remote", "https://code.example.com/a.git"]);
  expect(output).toMatch(/CONNECT.*403|403.*CONNECT/);
  expect(hosts).toEqual(["code.example.com:443"]);
});
