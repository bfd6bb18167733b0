import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { Overlap } from "@background-agents/shared/reviews/overlap";
import type { Session } from "@background-agents/shared/sessions/session";
import { messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Collisions } from "../repositories/find-collisions.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";

/** A session is compared with so many others of its repository, those worked on last. */
const COMPARED_SESSIONS = 50;

/** What could not be compared is tried again after this time, or when the other session changes. */
const RETRY_MS = 5 * 60_000;

interface Side {
  sessionId: SessionId;
  commit: string;
}

/** What is found out once while many sessions are compared, by what they were then. */
interface Pass {
  paths: Map<string, Promise<Set<string>>>;
  pairs: Set<string>;
}

/** What a session was when it was last compared, and what the others were with which that failed. */
interface Compared {
  fingerprint: string;
  failed: Map<SessionId, string>;
  retryAt: number;
}

/**
 * Which live sessions of one repository touch the same lines. Looked at when a session's work changes, and when it is
 * put away or comes back; both sides are told.
 */
export function createOverlaps(deps: {
  store: Pick<SessionStore, "find" | "list">;
  recorder: Pick<SessionRecorder, "recordDetails">;
  quarantine: Pick<Quarantine, "changes">;
  findCollisions: (repositoryId: RepositoryId, ours: Side, theirs: Side) => Promise<Collisions>;
  clock: Clock;
}) {
  const { store, recorder, clock } = deps;
  const oneAtATime = createKeyedMutex();
  const compared = new Map<SessionId, Compared>();
  let isClosed = false;

  const find = (sessionId: SessionId): Session | undefined => store.find(sessionId)?.session;

  async function readPaths(session: Session): Promise<Set<string>> {
    const { id: sessionId, baseCommit: from, lastCommit: to } = session;
    if (to === null || !sideOf(session)) return new Set();
    const files = await deps.quarantine.changes({ sessionId, repositoryId: session.repository.id, from, to });
    return new Set(files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath])));
  }

  function changedPaths(session: Session, { paths }: Pass): Promise<Set<string>> {
    const key = keyOf(session);
    const known = paths.get(key) ?? readPaths(session);
    paths.set(key, known);
    return known;
  }

  /** Replaces what `sessionId` is told of `other`. */
  function tell(sessionId: SessionId, other: Session, files: Overlap["files"]): void {
    const session = find(sessionId);
    if (!session) return;
    const rest = session.overlaps.filter((overlap) => overlap.sessionId !== other.id);
    const { id, title, branch } = other;
    const overlaps = files.length === 0 ? rest : [...rest, { sessionId: id, title, branch, files }];
    recorder.recordDetails(sessionId, { overlaps: overlaps.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1)) });
  }

  async function comparePair(session: Session, other: Session, pass: Pass): Promise<void> {
    const pair = [keyOf(session), keyOf(other)].toSorted().join(" ");
    if (pass.pairs.has(pair)) return;
    let collisions: Collisions = { ours: [], theirs: [] };
    const ours = sideOf(session);
    const theirs = sideOf(other);
    if (ours && theirs) {
      const [paths, others] = [await changedPaths(session, pass), await changedPaths(other, pass)];
      const meet = [...paths].some((path) => others.has(path));
      if (meet) collisions = await deps.findCollisions(session.repository.id, ours, theirs);
    }
    // Whatever changed meanwhile is compared again by the session that changed.
    tell(session.id, other, collisions.ours);
    tell(other.id, session, collisions.theirs);
    pass.pairs.add(pair);
  }

  /**
   * Whether there is nothing to compare. One session that cannot be read must not have all others of its repository
   * compared with each other again whenever anything happens.
   */
  function isDone(session: Session): boolean {
    const last = compared.get(session.id);
    if (last?.fingerprint !== fingerprint(session)) return false;
    if (last.failed.size === 0) return true;
    const isSame = ([id, then]: [SessionId, string]): boolean => {
      const other = find(id);
      return other !== undefined && fingerprint(other) === then;
    };
    return clock.now().getTime() < last.retryAt && [...last.failed].every(isSame);
  }

  async function compareOnce(sessionId: SessionId, pass: Pass): Promise<void> {
    const session = find(sessionId);
    if (!session || isDone(session)) return;
    const now = fingerprint(session);
    const last = compared.get(sessionId);
    const isRest = last?.fingerprint === now;
    await changedPaths(session, pass);
    const { sessions } = store.list({ repository: session.repository.id }, COMPARED_SESSIONS);
    const others = new Map(sessions.map((other) => [other.id, other]));
    for (const { sessionId: id } of session.overlaps) {
      const other = find(id);
      if (other) others.set(id, other);
    }
    others.delete(sessionId);
    const failures: unknown[] = [];
    const failed: Compared["failed"] = new Map();
    for (const other of others.values()) {
      if (isRest && !last.failed.has(other.id)) continue;
      // One whose objects cannot be read says nothing of the others.
      await comparePair(session, other, pass).catch((error: unknown) => {
        failures.push(error);
        failed.set(other.id, fingerprint(other));
      });
    }
    // An overlap with a session that is not there any more.
    const left = find(sessionId)?.overlaps.filter((overlap) => others.has(overlap.sessionId));
    if (left) recorder.recordDetails(sessionId, { overlaps: left });
    compared.set(sessionId, { fingerprint: now, failed, retryAt: clock.now().getTime() + RETRY_MS });
    throwAll(failures);
  }

  function compare(sessionId: SessionId, pass: Pass): Promise<void> {
    const session = find(sessionId);
    if (!session || isDone(session)) return Promise.resolve();
    return oneAtATime(session.repository.id, () => compareOnce(sessionId, pass));
  }

  /** Sessions that are not put away, page by page: what changes meanwhile is compared by itself. */
  function* listSessions(): Generator<Session> {
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page = store.list(cursor === undefined ? {} : { cursor }, COMPARED_SESSIONS);
      yield* page.sessions;
      cursor = page.nextCursor;
    }
  }

  return {
    /** Compares the session with the others where it changed since it was last compared. Rejects once all others were. */
    compare: (sessionId: SessionId): Promise<void> => compare(sessionId, newPass()),

    /** Compares every session that counts, once: a server that was killed had not come to all of them. */
    async compareAll(): Promise<void> {
      const pass = newPass();
      const failures: unknown[] = [];
      for (const session of listSessions()) {
        if (isClosed) break;
        if (!sideOf(session) && session.overlaps.length === 0) continue;
        await compare(session.id, pass).catch((error: unknown) => failures.push(error));
      }
      throwAll(failures);
    },

    /** What goes through many sessions ends with the one it is at. */
    close(): void {
      isClosed = true;
    },
  };
}

const newPass = (): Pass => ({ paths: new Map(), pairs: new Set() });

function throwAll(failures: unknown[]): void {
  if (failures.length === 0) return;
  const first = messageOf(failures[0]);
  throw new AggregateError(failures, `${failures.length} comparisons with other sessions failed, the first: ${first}`);
}

/** The session's work, where it counts: one that is put away or merged is in nobody's way. */
function sideOf(session: Session): Side | undefined {
  const { id: sessionId, lastCommit: commit, baseCommit, archived, deletedAt, pullRequest } = session;
  if (commit === null || commit === baseCommit || archived || deletedAt !== null) return undefined;
  return pullRequest?.state === "merged" ? undefined : { sessionId, commit };
}

function fingerprint(session: Session): string {
  return `${sideOf(session)?.commit} ${session.baseCommit} ${session.title} ${session.branch}`;
}

function keyOf(session: Session): string {
  return `${session.id} ${fingerprint(session)}`;
}
