import type { PullRequest } from "../pull-requests/pull-request.ts";

/** Something about a pull request that is worth a line. */
export type PullRequestNews =
  | { what: "opened" | "merged" | "closed" | "reopened" | "approved" | "changes-requested" | "checks-passed" }
  | { what: "checks-failed" | "remarks"; count: number };

/** Pure: what is new since the last look; empty where only times and counts moved. */
export function pullRequestNews(before: PullRequest | null, now: PullRequest): PullRequestNews[] {
  const isSame = before?.number === now.number;
  const news: PullRequestNews[] = [];
  if (!before || !isSame) news.push({ what: "opened" });
  if (now.state !== (isSame ? before?.state : "open")) {
    news.push({ what: now.state === "open" ? "reopened" : now.state });
  }
  const failed = failedChecks(now);
  if (failed > (isSame && before ? failedChecks(before) : 0)) news.push({ what: "checks-failed", count: failed });
  const passed = checksPassed(now);
  if (passed && !(isSame && before && checksPassed(before))) news.push({ what: "checks-passed" });
  const decision = now.reviewDecision;
  if (decision !== (isSame ? before?.reviewDecision : null)) {
    if (decision === "approved" || decision === "changes-requested") news.push({ what: decision });
  }
  const known = new Set(isSame ? before?.remarks.map(({ id }) => id) : []);
  const remarks = now.remarks.filter(({ id }) => !known.has(id)).length;
  if (remarks > 0) news.push({ what: "remarks", count: remarks });
  return news;
}

export function failedChecks({ checks }: Pick<PullRequest, "checks">): number {
  return checks.filter(({ state }) => state === "failed").length;
}

/** Every check has ended, none of them badly, and there is at least one. */
export function checksPassed({ checks }: Pick<PullRequest, "checks">): boolean {
  return checks.length > 0 && checks.every(({ state }) => state === "passed" || state === "skipped");
}
