import type { GhAnswer } from "@background-agents/shared/protocol/agent-git";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";

type Check = PullRequest["checks"][number];

/** The words and numbers of `gh` for a check's state. */
const CHECKS: Record<Check["state"], { word: string; conclusion: string; status: string }> = {
  passed: { word: "pass", conclusion: "SUCCESS", status: "COMPLETED" },
  failed: { word: "fail", conclusion: "FAILURE", status: "COMPLETED" },
  skipped: { word: "skipping", conclusion: "SKIPPED", status: "COMPLETED" },
  pending: { word: "pending", conclusion: "", status: "IN_PROGRESS" },
};

const DECISIONS = {
  approved: "APPROVED",
  "changes-requested": "CHANGES_REQUESTED",
  "review-required": "REVIEW_REQUIRED",
} as const;

/** The fields of `gh pr view --json` that the server knows. */
const FIELDS: Record<string, (pr: PullRequest) => unknown> = {
  number: ({ number }) => number,
  url: ({ url }) => url,
  title: ({ title }) => title,
  state: ({ state }) => state.toUpperCase(),
  isDraft: ({ draft }) => draft,
  baseRefName: ({ base }) => base,
  headRefName: ({ head }) => head,
  reviewDecision: ({ reviewDecision }) => (reviewDecision ? DECISIONS[reviewDecision] : ""),
  statusCheckRollup: ({ checks }) =>
    checks.map(({ name, state, url }) => {
      const { conclusion, status } = CHECKS[state];
      return { name, conclusion, status, detailsUrl: url ?? "" };
    }),
  comments: ({ remarks }) =>
    remarks
      .filter(({ verdict }) => verdict === null)
      .map(({ author, body, path, line, url, createdAt }) => ({
        ...{ author: { login: author }, body, createdAt, url: url ?? "" },
        ...(path === null ? {} : { path, line }),
      })),
  reviews: ({ remarks }) =>
    remarks.flatMap(({ author, body, verdict, createdAt }) =>
      verdict
        ? [{ author: { login: author }, body, state: verdict.toUpperCase().replace("-", "_"), submittedAt: createdAt }]
        : [],
    ),
};

/** Pure: what `gh pr view` prints. */
export function formatView(pr: PullRequest, json: string[] | undefined): GhAnswer {
  if (json) return formatJson(pr, json);
  const remarks = pr.remarks.map(({ author, body, path, line, verdict }) => {
    const where = path === null ? "" : ` on ${path}${line === null ? "" : `:${line}`}`;
    return `\n— ${author}${verdict ? ` (${verdict})` : ""}${where}\n${body}\n`;
  });
  const lines = [
    ...[`title:\t${pr.title}`, `state:\t${pr.draft && pr.state === "open" ? "DRAFT" : pr.state.toUpperCase()}`],
    ...[`number:\t${pr.number}`, `url:\t${pr.url}`, `base:\t${pr.base}`, `head:\t${pr.head}`],
    `review:\t${pr.reviewDecision ?? "none"}`,
    `checks:\t${countChecks(pr.checks)}`,
    ...(pr.problem === null ? [] : [`note:\tnot refreshed: ${pr.problem}`]),
  ];
  return { exitCode: 0, stdout: `${lines.join("\n")}\n${remarks.join("")}`, stderr: "" };
}

function formatJson(pr: PullRequest, names: string[]): GhAnswer {
  const unknown = names.find((name) => !Object.hasOwn(FIELDS, name));
  if (unknown !== undefined || names.length === 0) {
    const known = Object.keys(FIELDS).sort().join(", ");
    return {
      exitCode: 1,
      stdout: "",
      stderr: `Unknown JSON field: ${JSON.stringify(unknown ?? "")}. Here are: ${known}\n`,
    };
  }
  const fields = names.map((name) => [name, FIELDS[name]?.(pr)]);
  return { exitCode: 0, stdout: `${JSON.stringify(Object.fromEntries(fields))}\n`, stderr: "" };
}

/** Pure: what `gh pr checks` prints, and its exit code: 1 where one failed, 8 where one has not ended. */
export function formatChecks(pr: PullRequest): GhAnswer {
  if (pr.checks.length === 0) {
    return { exitCode: 1, stdout: "", stderr: `no checks reported on the '${pr.head}' branch\n` };
  }
  const lines = pr.checks.map(({ name, state, url }) => `${name}\t${CHECKS[state].word}\t\t${url ?? ""}\n`);
  const has = (state: Check["state"]) => pr.checks.some((check) => check.state === state);
  return { exitCode: has("failed") ? 1 : has("pending") ? 8 : 0, stdout: lines.join(""), stderr: "" };
}

function countChecks(checks: Check[]): string {
  const counts = Object.entries(CHECKS).flatMap(([state, { word }]) => {
    const count = checks.filter((check) => check.state === state).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return counts.join(", ") || "none";
}
