import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runCommand } from "../lib/command-process.ts";
import { BROKERED_ORIGIN, configureClone } from "./configure-clone.ts";
import { createGit } from "./git-process.ts";

let tree: string;
/** As the agent runs it: with the clone's own hooks. */
const agentGit = async (...args: string[]) => {
  const { stdout, stderr, exitCode } = await runCommand("git", args, { cwd: tree });
  return exitCode === 0 ? stdout.trim() : `exit ${exitCode}: ${stderr}`;
};
const message = () => agentGit("log", "-1", "--format=%B");

beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), "clone-"));
  const git = createGit(tree);
  await git(["init", "--quiet", "-b", "main"]);
  await git(["config", "user.name", "Ada"]);
  await git(["config", "user.email", "ada@example.org"]);
  // Twice, as at every boot.
  for (const branch of ["agents/old", "agents/x"]) {
    await configureClone({ git, sessionId: "ses_1", branch, origin: BROKERED_ORIGIN });
  }
});
afterEach(() => rm(tree, { recursive: true }));

it("names the session in each of the agent's commits, once", async () => {
  await agentGit("commit", "--quiet", "--allow-empty", "-m", "One\n\nWhy it was done.");
  const named = "One\n\nWhy it was done.\n\nBackground-Agents-Session: ses_1";
  expect(await message()).toBe(named);
  await agentGit("commit", "--quiet", "--allow-empty", "--amend", "--no-edit", "--no-verify");
  expect(await message()).toBe(named);
  await agentGit("commit", "--quiet", "--allow-empty", "-m", "Two\n\nSigned-off-by: Ada <ada@example.org>");
  expect(await message()).toBe("Two\n\nSigned-off-by: Ada <ada@example.org>\nBackground-Agents-Session: ses_1");
});

it("leaves an empty message empty", async () => {
  await writeFile(join(tree, "empty"), "\n\n");
  expect(await agentGit("commit", "--allow-empty", "-F", "empty")).toMatch(/empty commit message/);
  // The editor is shown a template of comments and changes nothing.
  expect(await agentGit("-c", "core.editor=true", "commit", "--allow-empty")).toMatch(/empty commit message/);
});

it("does not reach commits of a repository with hooks of its own", async () => {
  await agentGit("config", "core.hooksPath", ".husky");
  await agentGit("commit", "--quiet", "--allow-empty", "-m", "One");
  expect(await message()).toBe("One");
});

it("leaves a hook alone that the agent's tools installed", async () => {
  const hook = join(tree, ".git/hooks/prepare-commit-msg");
  await writeFile(hook, "#!/bin/sh\nexit 0\n");
  await configureClone({ git: createGit(tree), sessionId: "ses_1", branch: "agents/x", origin: BROKERED_ORIGIN });
  expect(await readFile(hook, "utf8")).toBe("#!/bin/sh\nexit 0\n");
});

it("leads origin to the server", async () => {
  expect(await agentGit("config", "--get-all", "remote.origin.url")).toBe("background-agents::origin");
  expect(await agentGit("config", "--get-all", "background-agents.branch")).toBe("agents/x");
});
