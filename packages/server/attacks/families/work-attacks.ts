import { symlinkSync } from "node:fs";
import { join } from "node:path";
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

/** What the agent commits: files, and links by their target. */
const EXECUTED: [name: string, files: Record<string, string>, link?: [path: string, target: string]][] = [
  ["a changed .github/workflows/release.yml", { ".github/workflows/release.yml": "on: push\n" }],
  ["a changed .vscode/tasks.json", { ".vscode/tasks.json": "{}\n" }],
  ["a changed .envrc", { ".envrc": "true\n" }],
  ["a changed .husky/pre-commit", { ".husky/pre-commit": "true\n" }],
  ["tasks behind a link that stands for .vscode", { "conf/tasks.json": "{}\n" }, [".vscode", "conf"]],
];

const executedCase = ([name, files, link]: (typeof EXECUTED)[number]): AttackCase => ({
  family: "git",
  name: `publish ${name} unseen`,
  quick: true,
  attack: () => publish(files, link, false),
  control: () => publish(files, link, true),
});

async function publish(
  files: Record<string, string>,
  link: [path: string, target: string] | undefined,
  acknowledges: boolean,
): Promise<Attempt> {
  const sandbox = await makeSandbox();
  try {
    const { sessionId, base, quarantine } = sandbox;
    if (link) symlinkSync(link[1], join(sandbox.workspace, link[0]));
    const commit = commitFiles(sandbox.workspace, files);
    await sandbox.import(commit, sandbox.bundle(commit));
    const executed = createExecutedWork({ listChanges: (range) => quarantine.changes(range) });
    const session = { id: sessionId, baseCommit: base, lastCommit: commit } as Session;
    return await attempt(() => executed.requireAcknowledged(session, { acknowledgeExecuted: acknowledges, commit }));
  } finally {
    sandbox.remove();
  }
}

export const WORK_ATTACKS: AttackCase[] = [
  ...LIMITS.map(limitCase),
  STANDSTILL,
  ...PUSHES.map(pushCase),
  ...EXECUTED.map(executedCase),
];
