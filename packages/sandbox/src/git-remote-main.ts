import { createInterface } from "node:readline";
import { createAgentGitClient } from "./agent-git/agent-git-client.ts";
import { readHubAccess } from "./agent-git/hub-access.ts";
import { runRemoteHelper } from "./agent-git/remote-helper.ts";
import { createGit } from "./workspace/git-process.ts";

// git runs this as `git-remote-background-agents <remote> <address>`, with the repository in GIT_DIR.
const say = (line: string): void => void process.stderr.write(`background-agents: ${line}\n`);
try {
  const git = createGit(process.cwd());
  await runRemoteHelper({
    git,
    gitDir: (await git(["rev-parse", "--absolute-git-dir"])).stdout.trim(),
    client: createAgentGitClient({ ...readHubAccess(process.env), say }),
    lines: createInterface({ input: process.stdin }),
    write: (text) => void process.stdout.write(text),
    say,
  });
  process.exitCode = 0;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 128;
}
