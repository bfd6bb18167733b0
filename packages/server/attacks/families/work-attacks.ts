import { Readable } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { decidePush } from "../../src/agent-git/push-policy.ts";
import { createExecutedWork } from "../../src/publishing/executed-work.ts";
import type { QuarantineLimits } from "../../src/repositories/quarantine.ts";
import { commitFiles } from "../../src/repositories/testing/git-fixture.ts";
import { makeSandbox } from "../../src/repositories/testing/sandbox-fixture.ts";
import { attempt, type AttackCase, type Attempt } from "../attack.ts";

/** Work that is too much, pushed where it must not go, or executed by whoever opens it. */

const BOMB = { "zeros.bin": Buffer.alloc(4 * 2 ** 20) };

const LIMITS: [name: string, limits: Partial<QuarantineLimits>][] = [
  ["more bytes than a bundle may have", { bundleBytes: 100 }],
  ["more objects than a bundle may have", { objects: 2 }],
  ["a bundle that unpacks to a thousand times its size", { unpackedBytes: 2 ** 20 }],
  ["an object that takes all memory", { allocationBytes: 2 ** 20 }],
];

const limitCase = ([name, limits]: (typeof LIMITS)[number]): AttackCase => ({
  family: "git",
  name: `bring in ${name}`,
  quick: limits.unpackedBytes !== undefined,
  attack: () => bringInBomb(limits),
  control: () => bringInBomb({}),
});

async function bringInBomb(limits: Partial<QuarantineLimits>): Promise<Attempt> {
  const sandbox = await makeSandbox({ limits });
  try {
    const commit = commitFiles(sandbox.workspace, BOMB);
    return await attempt(() => sandbox.import(commit, sandbox.bundle(commit)));
  } finally {
    sandbox.remove();
  }
}

/** An upload that never goes on: without a limit it would be waited for as long as it likes. */
const STANDSTILL: AttackCase = {
  family: "load",
  name: "an upload that stands still",
  quick: true,
  attack: () => standStill(50, 10_000),
  control: () => standStill(60_000, 1_000),
};

async function standStill(idleMs: number, patienceMs: number): Promise<Attempt> {
  const sandbox = await makeSandbox({ limits: { idleMs } });
  try {
    const { quarantine, sessionId, repositoryId, base } = sandbox;
    const ids = { sessionId, repositoryId, checkpointId: newId("checkpoint"), baseCommit: base, previousCommit: base };
    const silent = new Readable({ read: () => undefined });
    const importing = quarantine.importBundle({ ...ids, commit: base, bundle: silent }).catch(() => "given up");
    const waiting = new Promise<string>((resolve) => setTimeout(() => resolve("still waited for"), patienceMs));
    const said = await Promise.race([importing.then(() => "given up"), waiting]);
    silent.destroy(new Error("over"));
    await importing;
    return { succeeded: said === "still waited for", said };
  } finally {
    sandbox.remove();
  }
}

type PushSession = Pick<Session, "branch" | "baseBranch" | "agentPush">;
const OWN: PushSession = { branch: "agents/own", baseBranch: "main", agentPush: "auto" };

const PUSHES: [name: string, session: PushSession, branch: string, credentials: "broker" | "none"][] = [
  ["to the base branch", OWN, "main", "broker"],
  ["to another session's branch", OWN, "agents/other", "broker"],
  ["to a ref outside of branches", OWN, "refs/tags/v1", "broker"],
  ["against the user's word", { ...OWN, agentPush: "never" }, "agents/own", "broker"],
  ["where git was switched off", OWN, "agents/own", "none"],
];

const pushCase = ([name, session, branch, credentials]: (typeof PUSHES)[number]): AttackCase => ({
  family: "git",
  name: `push ${name}`,
  quick: true,
  attack: async () => judgePush(decidePush(session, { branch, ownBranches: ["agents/own"] }, credentials)),
  control: async () => judgePush(decidePush(OWN, { branch: "agents/own", ownBranches: ["agents/own"] }, "broker")),
});

const judgePush = (decision: ReturnType<typeof decidePush>): Attempt => ({
  succeeded: !("refused" in decision),
  said: JSON.stringify(decision),
});

const EXECUTED = [".github/workflows/release.yml", ".vscode/tasks.json", ".envrc", ".husky/pre-commit"];

const executedCase = (path: string): AttackCase => ({
  family: "git",
  name: `publish a changed ${path} unseen`,
  quick: true,
  attack: () => attempt(() => publish(path, false)),
  control: () => attempt(() => publish(path, true)),
});

async function publish(path: string, acknowledges: boolean): Promise<void> {
  const [from, to] = ["a".repeat(40), "b".repeat(40)];
  const executed = createExecutedWork({
    listChanges: async () => [
      {
        ...{ path, status: "modified", viewed: false, executedBy: null, additions: 1, deletions: 0, binary: false },
        ...{ kind: "file", blob: null, mode: "100644" },
      } as never,
    ],
  });
  const session = { id: newId("session"), baseCommit: from, lastCommit: to } as Session;
  await executed.requireAcknowledged(session, { acknowledgeExecuted: acknowledges, commit: to });
}

export const WORK_ATTACKS: AttackCase[] = [
  ...LIMITS.map(limitCase),
  STANDSTILL,
  ...PUSHES.map(pushCase),
  ...EXECUTED.map(executedCase),
];
