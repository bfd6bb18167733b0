import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { createAgentGitClient } from "./agent-git/agent-git-client.ts";
import { runGhShim } from "./agent-git/gh-shim.ts";
import { readHubAccess } from "./agent-git/hub-access.ts";
import { runCommand } from "./lib/command-process.ts";
import { GIT_CREDENTIALS_ENV } from "./supervisor/hub-address.ts";
import { createGit } from "./workspace/git-process.ts";

const REAL_GH = "/usr/bin/gh";
const args = process.argv.slice(2);

// With the user's own credentials in the container gh is gh.
if (process.env[GIT_CREDENTIALS_ENV] === "mount") {
  const child = spawn(REAL_GH, args, { stdio: "inherit" });
  child.once("error", (error) => {
    console.error(error.message);
    process.exitCode = 127;
  });
  child.once("exit", (code) => (process.exitCode = code ?? 1));
} else {
  const say = (line: string): void => void process.stderr.write(`background-agents: ${line}\n`);
  const answer = await runGhShim(
    {
      client: () => createAgentGitClient({ ...readHubAccess(process.env), say }),
      readOwnBranch: async () => {
        const git = createGit(process.cwd());
        return (await git(["config", "--get", "background-agents.branch"], { allowExit: [1, 128] })).stdout.trim();
      },
      readFile: (path) => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
      runJq: (expression, input) => runCommand("jq", ["-r", expression], { input }),
      say,
    },
    args,
  );
  process.stdout.write(answer.stdout);
  process.stderr.write(answer.stderr);
  process.exitCode = answer.exitCode;
}
