import type { CopiedFilesAnswer } from "@background-agents/shared/protocol/commands";
import type { ProposalAnswer } from "@background-agents/shared/protocol/publish-commands";
import type { BaseAnswer } from "@background-agents/shared/protocol/review-commands";
import type { PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import type { Session } from "@background-agents/shared/sessions/session";

export const CANNED_PUSH_LOG = [
  "Enumerating objects: 41, done.\n",
  "Counting objects: 100% (41/41), done.\n",
  "Delta compression using up to 8 threads\n",
  "Compressing objects: 100% (18/18), done.\n",
  "Writing objects: 100% (23/23), 4.10 KiB | 4.10 MiB/s, done.\n",
];

export const CANNED_FAILURE = {
  code: "push.unauthorized",
  message: "The remote refused the key: git@github.com: Permission denied (publickey).",
  advice: "Add a key that may write to acme/api to the ssh agent on this machine, then push again.",
  url: "https://github.com/acme/api/compare/main...agents/rate-limit-public-api-k3v9qd",
};

export function cannedProposal(session: Session): ProposalAnswer {
  const ways = { branch: session.branch, base: session.baseBranch, bases: ["main", "next", "release/2.x"] };
  const compareUrl = "https://github.com/acme/api/compare/main...agents/rate-limit-public-api-k3v9qd";
  return {
    title: session.title,
    body: "The public routes are limited to **60 requests a minute** per API key.\n\n- Over the limit they answer `429` with `Retry-After`\n- Unkeyed requests are counted by address\n",
    ...ways,
    remotes: [
      {
        ...{ name: "origin", url: "git@github.com:acme/api.git", repository: "acme/api", ...ways, compareUrl },
        gh: { host: "github.com", status: "ok", advice: null },
      },
      {
        ...{ name: "backup", url: "ssh://git@backup.example.org/srv/api.git", repository: null, ...ways },
        ...{ compareUrl: null, gh: null },
      },
    ],
    remote: "origin",
    gh: { status: "ok", advice: null },
    compareUrl,
    commit: session.lastCommit ?? session.baseCommit,
    executed: [
      { path: ".github/workflows/ci.yml", executedBy: "GitHub Actions runs it" },
      { path: "package.json", executedBy: "npm runs its scripts" },
    ],
    openComments: session.openComments,
    userTree: { branch: "main", clean: true, path: session.repository.path },
    checkoutPath: "/home/you/code/acme-api.worktrees/rate-limit-public-api-k3v9qd",
  };
}

export function cannedPullRequest(session: Session, given: Partial<PullRequest> = {}): PullRequest {
  return {
    number: 412,
    url: "https://github.com/acme/api/pull/412",
    title: session.title,
    state: "open",
    draft: false,
    base: "main",
    head: session.branch,
    checks: [
      { name: "test (20)", state: "pending", url: "https://github.com/acme/api/actions/runs/1" },
      { name: "lint", state: "passed", url: "https://github.com/acme/api/actions/runs/2" },
    ],
    remarks: [],
    reviewDecision: "review-required",
    refreshedAt: new Date().toISOString(),
    problem: null,
    ...given,
  };
}

/** The same pull request once somebody and something had a look. */
export function cannedReviewedPullRequest(session: Session): PullRequest {
  const at = new Date().toISOString();
  return cannedPullRequest(session, {
    checks: [
      { name: "test (20)", state: "failed", url: "https://github.com/acme/api/actions/runs/1" },
      { name: "lint", state: "passed", url: "https://github.com/acme/api/actions/runs/2" },
      { name: "deploy preview", state: "skipped", url: null },
    ],
    reviewDecision: "changes-requested",
    remarks: [
      {
        id: "review-1",
        author: "mira",
        body: "Good shape. Two things before it goes in.",
        path: null,
        line: null,
        verdict: "changes-requested",
        url: "https://github.com/acme/api/pull/412#pullrequestreview-1",
        createdAt: at,
      },
      {
        id: "line-1",
        author: "mira",
        body: "Should this come from the configuration? `60` is in the docs as well.",
        path: "src/routes/public.ts",
        line: 12,
        verdict: null,
        url: "https://github.com/acme/api/pull/412#discussion_r1",
        createdAt: at,
      },
    ],
  });
}

export function cannedBase(session: Session): BaseAnswer {
  return {
    branch: session.baseBranch,
    commit: session.baseCommit,
    tip: "d".repeat(40),
    behind: 12,
    ahead: 2,
    conflicts: ["src/routes/public.ts"],
  };
}

export function cannedCopiedFiles(copyPatterns: string[]): CopiedFilesAnswer {
  const known = [
    { path: ".env", bytes: 412 },
    { path: "config/local.json", bytes: 1280 },
  ];
  return {
    copyPatterns,
    includeFile: ["config/*.json"],
    files: known.filter(({ path }) => path.startsWith("config/") || copyPatterns.includes(path)),
    leftOut: [{ path: "config/dump.json", reason: "larger than 1 MiB" }],
  };
}
