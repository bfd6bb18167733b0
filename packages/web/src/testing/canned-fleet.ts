import { newId, type SessionId } from "@background-agents/shared/ids";
import type { DiskAnswer } from "@background-agents/shared/protocol/commands";
import type { CheckState, PullRequest } from "@background-agents/shared/pull-requests/pull-request";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";

const repositoryId = newId("repository");

/** A session as the server would show it, with what the test cares about put over it. */
export function cannedSession(over: Partial<Session> & { title: string }, minutesAgo = 0): Session {
  const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const id: SessionId = over.id ?? newId("session");
  return {
    id,
    repository: { id: repositoryId, name: "acme-api", path: "/home/you/code/acme-api" },
    baseBranch: "main",
    baseCommit: "a".repeat(40),
    branch: "agents/rate-limit-public-api-k3v9qd",
    model: "anthropic/claude-sonnet-5",
    effort: "high",
    status: "idle",
    statusReason: "done, no changes",
    attention: "done",
    sandbox: { status: "none", phase: null, reason: null, logTail: null },
    asking: { questions: [], permissions: [], approvals: [] },
    changes: null,
    lastCheckpointId: null,
    lastCommit: null,
    publishedCommit: null,
    publishMode: "auto",
    publishConflict: null,
    publishObstacle: null,
    agentPush: "ask",
    permissionMode: "auto",
    networkMode: "allowlist",
    blockedHosts: [],
    allowedHosts: [],
    budget: null,
    budgetReached: null,
    workMs: 0,
    secretNames: [],
    setup: null,
    forkedFrom: null,
    lookedCheckpointId: null,
    openComments: 0,
    overlaps: [],
    push: null,
    pullRequest: null,
    checkout: null,
    copiedFiles: [],
    usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
    lastSeq: 0,
    seenSeq: 0,
    archived: false,
    deletedAt: null,
    createdAt: at,
    lastActivityAt: at,
    ...over,
  };
}

function shownPullRequest(number: number, state: PullRequest["state"], check: CheckState): PullRequest {
  return {
    number,
    url: `https://github.com/acme/api/pull/${number}`,
    title: "Remove moment.js",
    state,
    draft: false,
    base: "main",
    head: "agents/x",
    checks: [{ name: "test", state: check, url: null }],
    remarks: [],
    reviewDecision: null,
    refreshedAt: new Date().toISOString(),
    problem: null,
  };
}

/** Sessions of every kind the list can show. */
export function cannedFleet(): Session[] {
  return [
    cannedSession(
      {
        title: "Migrate sessions table",
        status: "failed",
        statusReason: "The sandbox ended: out of memory",
        attention: "needs-you",
      },
      4,
    ),
    cannedSession(
      { title: "Fix flaky upload test", status: "working", statusReason: "running npm test", attention: "working" },
      1,
    ),
    cannedSession(
      {
        title: "Dark mode for the docs",
        status: "waiting",
        statusReason: "waiting for Anthropic, retry 2",
        attention: "working",
      },
      2,
    ),
    cannedSession(
      { title: "Port CLI to ESM", status: "queued", statusReason: "queued 1st: memory", attention: "working" },
      6,
    ),
    cannedSession(
      {
        title: "Upgrade to Fastify 5",
        statusReason: "+214 −180 · 14 files",
        attention: "review",
        overlaps: [
          {
            sessionId: newId("session"),
            title: "Rate-limit the public API",
            branch: "agents/rate-limit-public-api-k3v9qd",
            files: [{ path: "src/routes/public.ts", conflicts: true, lines: [] }],
          },
        ],
      },
      22,
    ),
    cannedSession(
      {
        title: "Remove moment.js",
        statusReason: "+31 −204 · 9 files",
        attention: "review",
        openComments: 2,
        pullRequest: shownPullRequest(398, "open", "failed"),
      },
      64,
    ),
    cannedSession(
      {
        title: "Document the webhooks",
        statusReason: "+80 −2 · 3 files",
        pullRequest: shownPullRequest(391, "merged", "passed"),
      },
      190,
    ),
    cannedSession({ title: "Bump Node in Docker", statusReason: "stopped by you" }, 320),
  ];
}

export function cannedBranches() {
  const branch = (name: string, subject: string, daysAgo: number) => ({
    name,
    commit: "a".repeat(40),
    committedAt: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
    subject,
  });
  return {
    branches: [branch("main", "Upgrade the router", 0.1), branch("next", "Begin version 3", 3)],
    defaultBranch: "main",
    tags: ["v2.4.0", "v2.3.1", "v2.3.0"],
  };
}

/** One of the fleet works on the same lines. */
export function cannedOverlaps(fleet: readonly Session[]): Session["overlaps"] {
  const other = fleet.find(({ title }) => title === "Upgrade to Fastify 5");
  if (!other) return [];
  const { id: sessionId, title, branch } = other;
  const lines = [{ start: 10, end: 15 }];
  return [{ sessionId, title, branch, files: [{ path: "src/routes/public.ts", conflicts: true, lines }] }];
}

/** A prompt just sent. */
export function cannedPrompt(
  { id: sessionId, model, effort }: Session,
  over: Pick<Prompt, "id" | "text" | "mode">,
): Prompt {
  return {
    sessionId,
    status: "queued",
    model,
    effort,
    turnId: null,
    error: null,
    createdAt: new Date().toISOString(),
    startedAt: null,
    endedAt: null,
    ...over,
  };
}

export function cannedDisk(sessionId: SessionId): DiskAnswer {
  return {
    sessions: [{ sessionId, workspaceBytes: 412_000_000, checkpointBytes: 1_240_000 }],
    mirrorsBytes: 88_000_000,
    databaseBytes: 2_100_000,
    blobsBytes: 0,
    freeBytes: 120_000_000_000,
  };
}
