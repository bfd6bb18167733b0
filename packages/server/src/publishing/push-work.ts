import { existsSync } from "node:fs";
import { BRANCH_PREFIX } from "@background-agents/shared/git/branch-name";
import type { SessionId } from "@background-agents/shared/ids";
import type { Push, Session } from "@background-agents/shared/sessions/session";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Git } from "../lib/git-process.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Log } from "../lib/logger.ts";
import { isBranchName } from "../repositories/ref-name.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import { explainPushFailure, type PushTarget } from "./push-failure.ts";
import { requireRemote, type Remote } from "./remotes.ts";
import type { SecretScan } from "./secret-scan.ts";
import { REMOTE_NAME, transportVariables } from "./user-transport.ts";

export interface PushOrder {
  sessionId: SessionId;
  /** The session's last checkpoint where it is not given. */
  commit?: string | undefined;
  /** The commit is a checkpoint, brought out by the user: what the agent pushed beyond it stays. */
  isCheckpoint?: boolean | undefined;
  /** Where the commit is, and what keeps it once the remote has it; the session's own quarantine where it is not given. */
  from?: { gitDir: string; keep: () => Promise<void> } | undefined;
  /** The session's own where it is not given. */
  branch?: string | undefined;
  remote?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Takes what git prints, piece by piece. */
  onLog?: ((text: string) => void) | undefined;
}

export type PushWork = ReturnType<typeof createPushWork>;

const ASK_TIMEOUT_MS = 90_000;
/** Hooks on the remote's side may be silent for long; who does not want to wait cancels. */
const PUSH_TIMEOUT_MS = 15 * 60_000;

/** Branches that many people work on, whatever the remote calls its main one. */
const SHARED_BRANCHES = new Set(["main", "master", "trunk", "develop"]);

/**
 * Pushes a session's commit from the quarantine to a remote of the user's repository, as the user. What is on the remote
 * is replaced only where it is an ancestor of the commit or the session's own earlier work, and by compare-and-swap
 * (`--force-with-lease` with the value seen). May be repeated at any time: work that is there is only recorded.
 */
export function createPushWork(deps: {
  git: Git;
  requireSession: (id: SessionId) => Session;
  /** Commits of the session's checkpoints. */
  listCommits: (id: SessionId) => string[];
  /** Throws `work.contains-secret`. */
  requireNoSecrets: SecretScan["requireNone"];
  recorder: Pick<SessionRecorder, "record">;
  quarantine: { path(id: SessionId): string };
  clock: Clock;
  failpoint?: Failpoint | undefined;
  /** The branch on a remote is new, or there. */
  onPushed: (sessionId: SessionId) => void;
  log: Log;
}) {
  const { git } = deps;
  const exclusively = createKeyedMutex();

  async function push(order: PushOrder): Promise<Push> {
    const session = deps.requireSession(order.sessionId);
    const branch = order.branch ?? session.branch;
    requirePushable(session, branch);
    const commit = order.commit ?? session.lastCommit;
    const gitDir = order.from?.gitDir ?? deps.quarantine.path(session.id);
    if (commit === null || !existsSync(gitDir)) {
      throw new AppError("work.nothing", "There is nothing to push yet: no turn has changed anything.");
    }
    await deps.requireNoSecrets(session, { commit, gitDir, signal: order.signal });
    const repositoryPath = session.repository.path;
    const choice = { name: order.remote, last: session.push?.remote, baseBranch: session.baseBranch };
    const remote = await requireRemote(git, repositoryPath, choice);
    const target: PushTarget = { remote: remote.name, branch, host: remote.address.host };
    const env = await transportVariables(git, { repositoryPath, remote });
    const place = { gitDir, env, trust: "user" as const, signal: order.signal };

    const onLog = (text: string): void => order.onLog?.(hideSecret(text, remote.url));
    onLog(`${remote.name} is ${remote.shownUrl}\n`);
    const { head, current } = await askRemote(place, target, onLog);
    if (head === `refs/heads/${branch}`) {
      throw refused(`${branch} is the main branch of ${remote.name}: nothing is pushed there directly.`);
    }
    const isAhead = await hasMore(order, { gitDir, current, commit }, target);
    const pushed: Push = {
      remote: remote.name,
      url: remote.shownUrl,
      branch,
      commit: isAhead && current !== undefined ? current : commit,
      at: deps.clock.now().toISOString(),
    };
    if (isAhead) onLog(`${branch} on ${remote.name} has this and more, pushed by the agent in its turn.\n`);
    else if (current === commit) onLog(`${branch} on ${remote.name} has ${commit.slice(0, 10)} already.\n`);
    else {
      if (current !== undefined && !(await isOurs(session, remote, { gitDir, branch, current, commit }))) {
        throw explainPushFailure("(stale info)", target);
      }
      await send(place, { target, commit, expected: current ?? "" }, onLog);
    }
    await order.from?.keep().catch((error: unknown) => {
      // The remote has it: that is what happened, whatever becomes of the copy here.
      deps.log.error({ sessionId: session.id, commit, error: messageOf(error) }, "a pushed commit could not be kept");
    });
    deps.failpoint?.("push.sent");
    record(session.id, pushed);
    deps.onPushed(session.id);
    return pushed;
  }

  type Place = { gitDir: string; env: Record<string, string>; trust: "user"; signal: AbortSignal | undefined };

  /** The ref that the remote's HEAD stands for, and what the branch is there. */
  async function askRemote(place: Place, target: PushTarget, onLog: (text: string) => void) {
    const ref = `refs/heads/${target.branch}`;
    const { stdout, stderr, exitCode } = await tell(target, () =>
      git.run(["ls-remote", "--symref", "--end-of-options", REMOTE_NAME, "HEAD", ref], {
        ...place,
        onMessages: onLog,
        timeoutMs: ASK_TIMEOUT_MS,
        allowExit: [1, 128],
      }),
    );
    if (exitCode !== 0) throw explainPushFailure(stderr, target);
    const lines = stdout.split("\n").map((line) => line.split("\t"));
    const head = lines.find(([value, name]) => name === "HEAD" && value?.startsWith("ref: "))?.[0]?.slice(5);
    return { head, current: lines.find(([, name]) => name === ref)?.[0] };
  }

  async function send(
    place: Place,
    order: { target: PushTarget; commit: string; expected: string },
    onLog: (text: string) => void,
  ): Promise<void> {
    const { target, commit, expected } = order;
    const ref = `refs/heads/${target.branch}`;
    const options = ["--porcelain", "--progress", "--no-verify", "--no-follow-tags", "--no-signed"];
    const lease = `--force-with-lease=${ref}:${expected}`;
    const { stdout, stderr, exitCode } = await tell(target, () =>
      git.run(
        ["push", ...options, "--recurse-submodules=no", lease, "--end-of-options", REMOTE_NAME, `${commit}:${ref}`],
        { ...place, onMessages: onLog, timeoutMs: PUSH_TIMEOUT_MS, allowExit: [1, 128] },
      ),
    );
    onLog(readable(stdout.replaceAll(REMOTE_NAME, target.remote)));
    if (exitCode !== 0) throw explainPushFailure(`${stdout}\n${stderr}`, target);
  }

  /** Whether what is on the remote may be replaced: work of this session, or something that the commit contains. */
  async function isOurs(
    session: Session,
    remote: Remote,
    place: { gitDir: string; branch: string; current: string; commit: string },
  ): Promise<boolean> {
    const { gitDir, branch, current, commit } = place;
    const { push: last } = session;
    if (last?.commit === current && last.branch === branch && last.url === remote.shownUrl) return true;
    if (deps.listCommits(session.id).includes(current)) return true;
    const ancestry = ["merge-base", "--is-ancestor", current, commit];
    return (await git.run(ancestry, { gitDir, allowExit: [1, 128] })).exitCode === 0;
  }

  /** Whether the agent pushed beyond the last checkpoint: that must not be taken back by pushing the checkpoint. */
  async function hasMore(
    order: PushOrder,
    { gitDir, current, commit }: { gitDir: string; current: string | undefined; commit: string },
    target: PushTarget,
  ): Promise<boolean> {
    const isCheckpoint = order.isCheckpoint ?? order.commit === undefined;
    if (!isCheckpoint || current === undefined || current === commit) return false;
    // A checkpoint that the user went back from is taken back there, too.
    if (deps.listCommits(order.sessionId).includes(current)) return false;
    const ancestry = ["merge-base", "--is-ancestor", commit, current];
    const { exitCode } = await git.run(ancestry, { gitDir, allowExit: [1, 128] });
    // Pushed by the agent and not kept here: it may be more.
    if (exitCode === 128 && deps.requireSession(order.sessionId).push?.commit === current) {
      throw explainPushFailure("(stale info)", target);
    }
    return exitCode === 0;
  }

  function record(sessionId: SessionId, push: Push): void {
    deps.recorder.record(sessionId, ({ session }) => {
      const { push: last } = session;
      const isKnown =
        last?.commit === push.commit &&
        last.branch === push.branch &&
        last.url === push.url &&
        last.remote === push.remote;
      return isKnown ? [] : [{ type: "branch.pushed", actor: "server", data: { push } }];
    });
  }

  return {
    /**
     * Throws `work.nothing`, `remote.missing`, `branch.refused`, `push.rejected`, `push.unauthorized`,
     * `remote.unreachable` or `git.failed`, all with `details.advice`.
     */
    pushWork(order: PushOrder): Promise<Push> {
      return exclusively(order.sessionId, () => push(order));
    },
  };
}

/** What `--porcelain` prints, for people: its `Done` stands there after a refusal, too. */
function readable(porcelain: string): string {
  return porcelain.replace(/^Done\n?/m, "").replaceAll("\t", " ");
}

/** SSH names the user as the address has it, password included. */
function hideSecret(text: string, url: string): string {
  const secret = /^[a-z+]+:\/\/[^/@:]*:([^/@]+)@/i.exec(url)?.[1];
  return secret === undefined ? text : text.replaceAll(`:${secret}@`, "@");
}

/** Throws `branch.refused` where no session may write a branch of that name on any remote. */
export function requirePushable(session: Session, branch: string): void {
  if (!isBranchName(branch)) throw refused(`${JSON.stringify(branch)} cannot be the name of a branch.`);
  if (branch === session.baseBranch) {
    throw refused(`${branch} is the branch that the session stands on: nothing is pushed there directly.`);
  }
  if (branch.startsWith(BRANCH_PREFIX)) return;
  if (SHARED_BRANCHES.has(branch)) throw refused(`Nothing is pushed to ${branch} directly.`);
}

function refused(message: string): AppError {
  return new AppError("branch.refused", message, {
    details: { advice: "Push to a branch of its own and make a pull request." },
  });
}

/** A git that could not end of itself (no progress, cancelled) is explained like one that did. */
async function tell<T>(target: PushTarget, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof AppError && error.message.includes("no progress")
      ? explainPushFailure(error.message, target)
      : error;
  }
}
