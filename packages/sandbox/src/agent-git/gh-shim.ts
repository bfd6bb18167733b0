import { randomUUID } from "node:crypto";
import type { GhAnswer, GhRequest } from "@background-agents/shared/protocol/agent-git";
import type { CommandResult } from "../lib/command-process.ts";
import type { AgentGitClient } from "./agent-git-client.ts";
import { type GhCommand, GH_HELP, parseGhArguments } from "./gh-arguments.ts";

export interface GhShimDeps {
  client: () => Pick<AgentGitClient, "gh">;
  /** The session's own branch, as the clone has it; empty where this is no clone of a session. */
  readOwnBranch: () => Promise<string>;
  /** `-`: standard input. */
  readFile: (path: string) => Promise<string>;
  runJq: (expression: string, input: string) => Promise<CommandResult>;
  say: (line: string) => void;
  watchEveryMs?: number;
}

const PENDING = 8;

/** Answers one `gh` command line. Never rejects for what the caller may hear. */
export async function runGhShim(deps: GhShimDeps, args: readonly string[]): Promise<GhAnswer> {
  const command = parseGhArguments(args);
  switch (command.kind) {
    case "help":
      return { exitCode: 0, stdout: GH_HELP, stderr: "" };
    case "version":
      return { exitCode: 0, stdout: "gh of Background Agents: a few commands, done by the server\n", stderr: "" };
    case "unknown":
      return failed(`${command.why}\n\n${GH_HELP}`);
    case "auth-status":
      return {
        exitCode: 0,
        stdout: "No login is in this sandbox, and none is needed: the server acts with the user's own.\n\n" + GH_HELP,
        stderr: "",
      };
    case "create":
      return create(deps, command);
    case "view": {
      const { json, jq } = command;
      const answer = await ask(deps, { command: "pr-view", ...(json && { json }) });
      if (jq === undefined || answer.exitCode !== 0) return answer;
      const { exitCode, stdout, stderr } = await deps.runJq(jq, answer.stdout);
      return { exitCode, stdout, stderr };
    }
    case "checks":
      return watchChecks(deps, command.watch);
  }
}

async function create(deps: GhShimDeps, command: Extract<GhCommand, { kind: "create" }>): Promise<GhAnswer> {
  const { title, base, head, draft, bodyFile } = command;
  const own = await deps.readOwnBranch();
  if (head !== undefined && head !== own) {
    return failed(`--head can only be this session's own branch, ${own}: leave it out.\n`);
  }
  const body = bodyFile === undefined ? command.body : await deps.readFile(bodyFile);
  deps.say(
    "Asking the server to open the pull request. If the session asks first, this waits for the user's approval in the " +
      "session page, for as long as that takes: give the command a long time limit.",
  );
  return ask(deps, {
    command: "pr-create",
    requestId: randomUUID(),
    draft,
    ...(title !== undefined && { title }),
    ...(body !== undefined && { body }),
    ...(base !== undefined && { base }),
  });
}

async function watchChecks(deps: GhShimDeps, watch: boolean): Promise<GhAnswer> {
  for (;;) {
    const answer = await ask(deps, { command: "pr-checks" });
    if (!watch || answer.exitCode !== PENDING) return answer;
    await new Promise((resolve) => setTimeout(resolve, deps.watchEveryMs ?? 30_000));
  }
}

async function ask(deps: GhShimDeps, request: GhRequest): Promise<GhAnswer> {
  try {
    return await deps.client().gh(request);
  } catch (error) {
    return failed(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function failed(stderr: string): GhAnswer {
  return { exitCode: 1, stdout: "", stderr };
}
