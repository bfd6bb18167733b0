import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { AppError } from "../lib/app-error.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";

export interface GhOptions {
  input?: string;
  signal?: AbortSignal | undefined;
  /** Exit codes besides 0 that are answers. */
  allowExit?: number[];
  timeoutMs?: number;
}

export interface GhResult {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export type Gh = ReturnType<typeof createGh>;

const TIMEOUT_MS = 60_000;
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** What would lead gh elsewhere, or what it has no business with. */
const LEFT_OUT = /^(GIT_.*|GH_(REPO|DEBUG|FORCE_TTY|PAGER|EDITOR|BROWSER)|(ANTHROPIC|OPENAI)_API_KEY)$/;

const QUIET = {
  GH_PROMPT_DISABLED: "1",
  GH_NO_UPDATE_NOTIFIER: "1",
  GH_PAGER: "cat",
  NO_COLOR: "1",
  CLICOLOR: "0",
  LC_ALL: "C",
};

/**
 * The only way the server starts `gh`: the one on the host, logged in as the user, with argument arrays, never asking
 * and never in a repository. `env` is the server's own by default.
 */
export function createGh(deps: { env?: NodeJS.ProcessEnv } = {}) {
  return {
    /** Runs gh to its end. Throws `gh.missing`, `gh.logged-out` or `gh.failed` with gh's own last lines. */
    async run(args: string[], options: GhOptions = {}): Promise<GhResult> {
      const inherited = Object.entries(deps.env ?? process.env).filter(([name]) => !LEFT_OUT.test(name));
      const child = spawn("gh", args, {
        cwd: tmpdir(),
        env: { ...Object.fromEntries(inherited), ...QUIET },
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
      });
      let stdout = "";
      let stderr = "";
      let endedBy: string | undefined;
      const end = (why: string): void => {
        endedBy ??= why;
        if (child.pid === undefined || child.exitCode !== null) return;
        try {
          process.kill(-child.pid, "SIGKILL");
        } catch {
          child.kill("SIGKILL");
        }
      };
      const cancel = (): void => end("cancelled");
      options.signal?.addEventListener("abort", cancel);
      if (options.signal?.aborted) cancel();
      const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
      const timer = setTimeout(() => end(`not done after ${timeoutMs / 1000} s`), timeoutMs);
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        if (stdout.length > OUTPUT_BYTES) end("its output is too long");
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-64 * 1024)));
      // gh may end before it read its input; its exit code says what that means.
      child.stdin.on("error", () => undefined);
      child.stdin.end(options.input ?? "");
      try {
        const exitCode = await new Promise<number>((resolve, reject) => {
          child.once("error", reject);
          child.once("close", (code) => resolve(code ?? -1));
        });
        if (endedBy !== undefined) throw new AppError("gh.failed", `gh ${args[0]} was ended: ${endedBy}.`);
        if (exitCode === 0 || options.allowExit?.includes(exitCode)) return { stdout, stderr, exitCode };
        throw explain(args, stderr, exitCode);
      } catch (error) {
        if (error instanceof AppError) throw error;
        throw new AppError("gh.missing", "The GitHub CLI (gh) was not found on this machine.", {
          cause: error,
          details: { advice: GH_MISSING_ADVICE },
        });
      } finally {
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", cancel);
      }
    },
  };
}

export const GH_MISSING_ADVICE =
  "Install it (https://cli.github.com), run gh auth login in a terminal, then try again.";

/** What to do where there is no gh, for a host that it needs a login for. */
export function missingAdvice(host: string): string {
  return host === "github.com"
    ? GH_MISSING_ADVICE
    : GH_MISSING_ADVICE.replace("gh auth login", `gh auth login --hostname ${host}`);
}

/** What to do where gh has no login for the host. */
export function loggedOutAdvice(host: string): string {
  return `Run gh auth login --hostname ${host} in a terminal, then try again.`;
}

function explain(args: string[], stderr: string, exitCode: number): AppError {
  const words = hideCredentials(stderr).trim().split("\n").slice(-6).join("\n").slice(0, 2000);
  if (exitCode === 4 || /HTTP 401|gh auth login|Bad credentials|authentication required/i.test(stderr)) {
    const advice = "Run gh auth login in a terminal, then try again.";
    return new AppError("gh.logged-out", "The GitHub CLI is not logged in, or its login has expired.", {
      details: { advice, reason: words },
    });
  }
  return new AppError("gh.failed", `gh ${args.slice(0, 2).join(" ")} failed: ${words || `exit code ${exitCode}`}`, {
    details: { reason: words },
  });
}
