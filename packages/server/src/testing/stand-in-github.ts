import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { zipOf } from "./zip-archive.ts";

/** A host that `gh` knows as a GitHub for development: it asks it in plain HTTP, by way of the proxy it is told of. */
export const STAND_IN_HOST = "github.localhost";

export interface StandInPull {
  number: number;
  title: string;
  body: string;
  state: "OPEN" | "CLOSED" | "MERGED";
  draft: boolean;
  base: string;
  head: string;
  headOwner: string;
  checks: object[];
  reviews: object[];
  reviewDecision: string;
  comments: object[];
  lineComments: object[];
}

export interface StandInGitHub {
  /** What `gh` needs to find it and to be let in. */
  env: Record<string, string>;
  pulls: StandInPull[];
  /** What was asked, e.g. `query PullRequestList` or `GET repos/ada/example/pulls/1/comments`. */
  requests: string[];
  /** Resolves when that was asked so often, past times among them. */
  waitForRequest(name: string, times: number): Promise<void>;
  /** The log of a job (of a run of the same number), in one failed step. */
  logs: Map<number, string>;
  /** Answers everything with this status; null: works. */
  failWith: number | null;
  addPull(pull: Partial<StandInPull>): StandInPull;
  close(): Promise<void>;
}

/**
 * A stand-in for GitHub's API, as far as the real `gh` asks it here: a repository, its pull requests with checks and
 * remarks, logs of jobs. It says nothing of what GitHub itself would do.
 */
export async function startStandInGitHub(): Promise<StandInGitHub> {
  const token = "token-of-the-test";
  const configDir = mkdtempSync(join(tmpdir(), "ba-gh-"));
  const pulls: StandInPull[] = [];
  const waiting = new Set<() => void>();

  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const { pathname } = new URL(request.url ?? "/", `http://api.${STAND_IN_HOST}`);
      const answer = respond(request, pathname.slice(1), body);
      response.writeHead(answer.status, { "content-type": answer.type ?? "application/json" });
      response.end(answer.body);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  // Where scripts/setup/ensure-gh.sh puts a gh when it may not install one.
  const ownGh = resolve(import.meta.dirname, "../../../../.cache/gh/usr/bin");
  const proxy = `http://127.0.0.1:${address.port}`;

  const standIn: StandInGitHub = {
    env: {
      PATH: `${process.env["PATH"]}:${ownGh}`,
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      GH_TOKEN: token,
      GH_CONFIG_DIR: configDir,
      TMPDIR: configDir,
      NO_PROXY: "",
      no_proxy: "",
    },
    pulls,
    requests: [],
    logs: new Map(),
    failWith: null,
    waitForRequest(name, times) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (standIn.requests.filter((one) => one === name).length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    addPull(pull) {
      const made: StandInPull = {
        ...{ number: pulls.length + 1, title: "", body: "", state: "OPEN", draft: false, base: "main", head: "" },
        ...{ headOwner: "ada", checks: [], reviews: [], reviewDecision: "", comments: [], lineComments: [] },
        ...pull,
      };
      pulls.push(made);
      return made;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(configDir, { recursive: true, force: true });
    },
  };

  interface Answer {
    status: number;
    body: string | Buffer;
    type?: string;
  }
  const json = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) });

  function respond(request: IncomingMessage, path: string, body: string): Answer {
    if (standIn.failWith !== null) return json({ message: "It does not work today." }, standIn.failWith);
    if (request.headers.authorization !== `token ${token}`) return json({ message: "Bad credentials" }, 401);
    if (path === "graphql") {
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, never> };
      const [name = ""] = /(query|mutation) \w+/.exec(query) ?? [];
      standIn.requests.push(name);
      return json(graphql(name, variables));
    }
    standIn.requests.push(`${request.method} ${path}`);
    return rest(path);
  }

  function graphql(name: string, variables: Record<string, unknown>): object {
    const repository = (content: object) => ({ data: { repository: content } });
    const listed = (branch: unknown, states: unknown) => ({
      nodes: pulls.filter(({ head, state }) => head === branch && (states as string[]).includes(state)).map(describe),
      totalCount: pulls.length,
      pageInfo: { hasNextPage: false, endCursor: "" },
    });
    switch (name) {
      case "query RepositoryInfo":
        return repository({
          ...{ id: "R_1", name: variables["name"], owner: { login: variables["owner"] }, viewerPermission: "WRITE" },
          ...{ hasIssuesEnabled: true, defaultBranchRef: { name: "main" }, mergeCommitAllowed: true },
        });
      case "query PullRequestList":
        return repository({ pullRequests: listed(variables["headBranch"], variables["state"]) });
      case "query PullRequestForBranch":
        return repository({ pullRequests: listed(variables["headRefName"], variables["states"]) });
      case "mutation PullRequestCreate": {
        const input = variables["input"] as Record<string, unknown>;
        const [branch = "", owner = "ada"] = String(input["headRefName"]).split(":").reverse();
        const { number } = standIn.addPull({
          ...{ title: String(input["title"]), body: String(input["body"]), draft: input["draft"] === true },
          ...{ base: String(input["baseRefName"]), head: branch, headOwner: owner },
        });
        return { data: { createPullRequest: { pullRequest: { id: `P_${number}`, url: urlOf(number) } } } };
      }
      case "query PullRequestByNumber": {
        const found = pulls.find(({ number }) => number === variables["pr_number"]);
        if (found) return repository({ pullRequest: describe(found) });
        const message = "Could not resolve to a PullRequest";
        return { data: { repository: { pullRequest: null } }, errors: [{ type: "NOT_FOUND", message }] };
      }
      default:
        return { errors: [{ message: `The stand-in does not know ${name}.` }] };
    }
  }

  function rest(path: string): Answer {
    const [, number] = /\/pulls\/(\d+)\/comments$/.exec(path) ?? [];
    if (number !== undefined) return json(pulls.find((pull) => pull.number === Number(number))?.lineComments ?? []);
    if (path.endsWith("/actions/workflows/1")) return json({ id: 1, name: "CI" });
    const [, kind, id = "", rest = ""] = /\/actions\/(runs|jobs)\/(\d+)(.*)$/.exec(path) ?? [];
    const log = standIn.logs.get(Number(id));
    if (kind === undefined || log === undefined) return json({ message: "Not Found" }, 404);
    const step = { name: "Test", number: 1, status: "completed", conclusion: "failure" };
    const job = {
      id: Number(id),
      run_id: Number(id),
      name: "build",
      ...{ status: "completed", conclusion: "failure", steps: [step] },
    };
    if (kind === "jobs") return json(job);
    if (rest === "/jobs") return json({ total_count: 1, jobs: [job] });
    if (rest.endsWith("/logs"))
      return { status: 200, type: "application/zip", body: zipOf({ "build/1_Test.txt": log }) };
    const run = { id: Number(id), status: "completed", conclusion: "failure", workflow_id: 1, name: "CI" };
    return json({ ...run, jobs_url: `http://api.${STAND_IN_HOST}/${path}/jobs`, run_attempt: 1, head_branch: "x" });
  }

  return standIn;
}

function urlOf(number: number): string {
  return `http://${STAND_IN_HOST}/ada/example/pull/${number}`;
}

function describe(pull: StandInPull): object {
  const { number, title, state, draft, base, head, headOwner } = pull;
  const page = (nodes: object[]) => ({
    nodes,
    pageInfo: { hasNextPage: false, endCursor: "" },
    totalCount: nodes.length,
  });
  return {
    ...{
      id: `P_${number}`,
      number,
      url: urlOf(number),
      title,
      state,
      isDraft: draft,
      baseRefName: base,
      headRefName: head,
    },
    headRepositoryOwner: { id: `U_${headOwner}`, login: headOwner },
    isCrossRepository: headOwner !== "ada",
    reviewDecision: pull.reviewDecision,
    statusCheckRollup: { nodes: [{ commit: { statusCheckRollup: { contexts: page(pull.checks) } } }] },
    reviews: page(pull.reviews),
    comments: page(pull.comments),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
