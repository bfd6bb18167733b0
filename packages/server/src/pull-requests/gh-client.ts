import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import { z } from "zod";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Gh } from "./gh-process.ts";
import { PULL_REQUEST_FIELDS, readPullRequest } from "./read-pull-request.ts";

/** A repository on a host that gh talks to. */
export interface ForgeRepository {
  host: string;
  /** `owner/name` */
  path: string;
}

export type GhStatus = "ok" | "missing" | "logged-out";

export type GhClient = ReturnType<typeof createGhClient>;

const LOG_LINES = 200;

/** What is asked of GitHub, by way of the user's `gh`. All of it throws `gh.missing`, `gh.logged-out` or `gh.failed`. */
export function createGhClient(deps: { gh: Gh; clock: Clock }) {
  const { gh } = deps;
  const nameOf = ({ host, path }: ForgeRepository) => `${host}/${path}`;

  return {
    /** Whether gh is there and has a login for the host; asks no one else. */
    async status(host: string): Promise<GhStatus> {
      try {
        // The token itself is of no interest: only whether there is one.
        let answer = await gh.run(["auth", "token", "--hostname", host], { allowExit: [1, 4] });
        if (answer.stderr.includes("unknown command")) {
          // gh before 2.17 tells it by asking the host.
          answer = await gh.run(["auth", "status", "--hostname", host], { allowExit: [1, 4] });
        }
        return answer.exitCode === 0 ? "ok" : "logged-out";
      } catch (error) {
        if (error instanceof AppError && error.code === "gh.missing") return "missing";
        throw error;
      }
    },

    /** The open pull request of a branch that `owner` pushed; undefined where there is none. */
    async findOpen(
      repository: ForgeRepository,
      head: { owner: string; branch: string },
      signal?: AbortSignal,
    ): Promise<number | undefined> {
      const fields = "number,headRepositoryOwner";
      const args = [
        "pr",
        "list",
        "--repo",
        nameOf(repository),
        "--head",
        head.branch,
        "--state",
        "open",
        "--limit",
        "50",
      ];
      const { stdout } = await gh.run([...args, "--json", fields], { signal });
      const found = z
        .array(z.object({ number: z.int(), headRepositoryOwner: z.object({ login: z.string() }).nullish() }))
        .parse(JSON.parse(stdout));
      const isTheirs = (login: string | undefined) => login?.toLowerCase() === head.owner.toLowerCase();
      return found.find((pull) => isTheirs(pull.headRepositoryOwner?.login))?.number;
    },

    /** Opens a pull request; gives its number. */
    async create(
      repository: ForgeRepository,
      order: {
        head: string;
        base: string;
        title: string;
        body: string;
        draft: boolean;
        signal?: AbortSignal | undefined;
      },
    ): Promise<number> {
      const { head, base, title, body, draft, signal } = order;
      const { stdout } = await gh.run(
        [
          ...["pr", "create", "--repo", nameOf(repository), `--head=${head}`, `--base=${base}`, `--title=${title}`],
          ...["--body-file", "-", ...(draft ? ["--draft"] : [])],
        ],
        { input: body, signal },
      );
      const number = Number(/\/pull\/(\d+)\s*$/.exec(stdout.trim())?.[1]);
      if (!Number.isSafeInteger(number)) {
        throw new AppError("gh.failed", `gh did not say which pull request it made: ${stdout.trim().slice(0, 300)}`);
      }
      return number;
    },

    /** The pull request with its checks and remarks, as it is now. */
    async view(repository: ForgeRepository, number: number, signal?: AbortSignal): Promise<PullRequest> {
      const { host, path } = repository;
      const linesAt = `repos/${path}/pulls/${number}/comments?per_page=100`;
      const [view, lines] = await Promise.all([
        gh.run(["pr", "view", String(number), "--repo", nameOf(repository), "--json", PULL_REQUEST_FIELDS], { signal }),
        gh.run(["api", "--hostname", host, "--paginate", "--jq", ".[]", linesAt], { signal }),
      ]);
      try {
        return readPullRequest(view.stdout, lines.stdout, deps.clock.now().toISOString());
      } catch (error) {
        throw new AppError("gh.failed", "gh answered something that could not be read: update gh, then try again.", {
          cause: error,
        });
      }
    },

    /** The end of a failed check's log, at most 200 lines; a line that says why where it cannot be had. */
    async failedLog(repository: ForgeRepository, checkUrl: string | null): Promise<string> {
      const place = /\/actions\/runs\/(\d+)(?:\/job\/(\d+))?/.exec(checkUrl ?? "");
      if (!place) return "(The check has no log that gh can read.)";
      const [, run = "", job] = place;
      const what = job === undefined ? [run] : ["--job", job];
      try {
        const { stdout } = await gh.run(["run", "view", ...what, "--repo", nameOf(repository), "--log-failed"]);
        return tailOf(stdout) || "(The log is empty.)";
      } catch (error) {
        return `(The log could not be read: ${messageOf(error).slice(0, 300)})`;
      }
    },
  };
}

/** The last lines, without colours, the job's name and the time that stand before each. */
function tailOf(log: string): string {
  return log
    .trimEnd()
    .split("\n")
    .slice(-LOG_LINES)
    .map((line) =>
      line
        // oxlint-disable-next-line no-control-regex -- escapes of terminals are what is taken out
        .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
        .replace(/^[^\t]*\t[^\t]*\t/, "")
        .replace(/^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z /, "")
        .slice(0, 500),
    )
    .join("\n");
}
