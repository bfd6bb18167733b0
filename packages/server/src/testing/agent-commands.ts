import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SANDBOX = fileURLToPath(new URL("../../../sandbox/src/", import.meta.url));

export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface RunningCommand {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves as soon as standard error holds the text. */
  untilSaid(text: string): Promise<void>;
}

export interface AgentCommands {
  /** The session's clone, as its agent has it. */
  tree: string;
  /** Starts a command there. */
  start(command: string, ...args: string[]): RunningCommand;
  run(command: string, ...args: string[]): Promise<Ended>;
  /** Git without the server, to set things up. */
  git(...args: string[]): string;
  remove(): void;
}

/**
 * The programs that stand behind git and gh in a container, bundled as for the image, on the host: in a clone made of
 * the mirror as the supervisor makes it, and with the hub of the session's sandbox.
 */
export async function makeAgentCommands(order: {
  mirrorPath: string;
  hubSocket: string;
  branch: string;
  baseCommit: string;
}): Promise<AgentCommands> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "agent-commands-")));
  const bin = join(root, "bin");
  mkdirSync(bin);
  await build({
    entryPoints: { "git-remote": join(SANDBOX, "git-remote-main.ts"), gh: join(SANDBOX, "gh-main.ts") },
    outdir: bin,
    outExtension: { ".js": ".mjs" },
    ...{ bundle: true, platform: "node", format: "esm", conditions: ["development"], logLevel: "silent" },
    banner: {
      js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
    },
  });
  for (const [name, program] of [
    ["git-remote-background-agents", "git-remote"],
    ["gh", "gh"],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, program)}.mjs' "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const tree = join(root, "tree");
  const env = {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    HOME: root,
    BACKGROUND_AGENTS_HUB: `unix:${order.hubSocket}`,
    BACKGROUND_AGENTS_GIT_CREDENTIALS: "broker",
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    LC_ALL: "C",
  };
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: tree, env, encoding: "utf8", stdio: "pipe" }).trim();

  execFileSync("git", ["clone", "--quiet", "--shared", "--no-checkout", "--no-tags", order.mirrorPath, tree], { env });
  for (const [key, value] of [
    ["user.name", "Ada Example"],
    ["user.email", "ada@example.org"],
    ["remote.origin.url", "background-agents::origin"],
    ["push.default", "current"],
    ["push.autoSetupRemote", "true"],
    ["background-agents.branch", order.branch],
    ["background-agents.base", order.baseCommit],
  ] as const) {
    git("config", key, value);
  }
  git("checkout", "--quiet", "--no-track", "-B", order.branch, order.baseCommit);

  function start(command: string, ...args: string[]): RunningCommand {
    const child = spawn(command, args, { cwd: tree, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    const waiting: { text: string; resolve: () => void }[] = [];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      for (const one of waiting) if (stderr.includes(one.text)) one.resolve();
    });
    return {
      child,
      ended: new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
      }),
      untilSaid: (text) =>
        stderr.includes(text) ? Promise.resolve() : new Promise((resolve) => waiting.push({ text, resolve })),
    };
  }

  return {
    tree,
    start,
    run: (command, ...args) => start(command, ...args).ended,
    git,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
