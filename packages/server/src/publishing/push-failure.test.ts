import { describe, expect, it } from "vitest";
import { explainPushFailure } from "./push-failure.ts";

const target = { remote: "origin", branch: "agents/x", host: "git.example" };
const explain = (output: string) => {
  const error = explainPushFailure(output, target);
  return { code: error.code, message: error.message, advice: (error.details as { advice: string }).advice };
};

/** Words as git 2.39 and OpenSSH 9.2 print them. */
describe("what a failed push means", () => {
  it.each([
    ["!\tabc:refs/heads/agents/x\t[rejected] (stale info)", "push.rejected", /Someone pushed/],
    ["!\tabc:refs/heads/agents/x\t[rejected] (fetch first)", "push.rejected", /Someone pushed/],
    ["!\tabc:refs/heads/agents/x\t[remote rejected] (directory file conflict)", "push.rejected", /A branch stands in/],
    ["!\tabc:refs/heads/agents/x\t[remote rejected] (pre-receive hook declined)", "push.rejected", /refused the push/],
    [
      "remote: error: GH006: Protected branch update failed for refs/heads/agents/x.\n!\tx\t[remote rejected] (protected branch hook declined)",
      "push.rejected",
      /GH006/,
    ],
    [
      "git@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.",
      "push.unauthorized",
      /SSH key/,
    ],
    [
      "No ED25519 host key is known for git.example and you have requested strict checking.\nHost key verification failed.",
      "push.unauthorized",
      /host key/,
    ],
    [
      "fatal: could not read Username for 'https://git.example': terminal prompts disabled",
      "push.unauthorized",
      /token/,
    ],
    [
      "remote: Permission to ada/x.git denied to bob.\nfatal: unable to access 'https://git.example/ada/x.git/': The requested URL returned error: 403",
      "push.unauthorized",
      /may not push/,
    ],
    [
      "ssh: Could not resolve hostname git.example: Name or service not known\nfatal: Could not read from remote repository.",
      "remote.unreachable",
      /was not found/,
    ],
    [
      "ssh: connect to host git.example port 22: Connection refused\nfatal: Could not read from remote repository.",
      "remote.unreachable",
      /does not answer/,
    ],
    [
      "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
      "remote.unreachable",
      /no repository/,
    ],
    ["fatal: '/srv/x.git' does not appear to be a git repository", "remote.unreachable", /no repository/],
    ["fatal: something else at https://ada:s3cret@host", "git.failed", /something else at https:\/\/host/],
  ])("%j", (output, code, message) => {
    const explained = explain(output);
    expect(explained.code).toBe(code);
    expect(explained.message).toMatch(message);
    expect(explained.advice).not.toBe("");
  });

  it("hands on what the remote said, without meters", () => {
    const output =
      "remote: Resolving deltas: 100% (1/1)\nremote: \nremote: No pushes on Fridays.   \n! [remote rejected]";
    expect(explain(output).message).toContain("It said: No pushes on Fridays.");
    expect(explain(output).message).not.toContain("Resolving");
  });
});
