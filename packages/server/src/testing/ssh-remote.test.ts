import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSshRemote, type SshRemote } from "./ssh-remote.ts";

let remote: SshRemote;
beforeAll(async () => {
  remote = await startSshRemote();
});
afterAll(() => remote.stop());

const listRemote = (url: string, env: Record<string, string>): string => {
  const batch = { GIT_SSH_COMMAND: `${env["GIT_SSH_COMMAND"]} -o BatchMode=yes` };
  return execFileSync("git", ["ls-remote", url], { env: { ...process.env, ...batch }, stdio: "pipe" }).toString();
};

it("answers git over SSH to whoever has the key and knows the host, and to nobody else", () => {
  const { url } = remote.makeBare("ada/example");
  expect(listRemote(url, remote.env)).toBe("");
  expect(remote.commands()).toEqual([`git-upload-pack '/ada/example.git'`]);
  expect(() => listRemote(url, remote.wrongKeyEnv)).toThrow(/Permission denied/);
  expect(() => listRemote(url, remote.unknownHostEnv)).toThrow(/Host key verification failed/);
});
