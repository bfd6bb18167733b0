import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { Overlap } from "@background-agents/shared/reviews/overlap";
import type { Session } from "@background-agents/shared/sessions/session";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
import type { Collisions } from "../repositories/find-collisions.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionStore } from "../sessions/session-store.ts";

/** A session is compared with so many others of its repository, those worked on last. */
const COMPARED_SESSIONS = 50;

interface Side {
  sessionId: SessionId;
  commit: string;
}

/**
 * Which live sessions of one repository touch the same lines. Looked at when a session's work changes, and when it is
 * put away or comes back; both sides are told.
 */
export function createOverlaps(deps: {
  store: SessionStore;
  recorder: SessionRecorder;
  quarantine: Pick<Quarantine, "changes">;
  findCollisions: (repositoryId: RepositoryId, ours: Side, theirs: Side) => Promise<Collisions>;
}) {
  const { store, recorder } = deps;
  const oneAtATime = createKeyedMutex();
  /** What each session was when it was last compared. */
  const compared = new Map<SessionId, string>();

  const find = (sessionId: SessionId): Session | undefined => store.find(sessionId)?.session;

  async function changedPaths(session: Session): Promise<Set<string>> {
    const { id: sessionId, baseCommit: from, lastCommit: to } = session;
    if (to === null) return new Set();
    const files = await deps.quarantine.changes({ sessionId, repositoryId: session.repository.id, from, to });
    return new Set(files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath])));
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

  async function comparePair(session: Session, other: Session, paths: Set<string>): Promise<void> {
    let collisions: Collisions = { ours: [], theirs: [] };
    const ours = sideOf(session);
    const theirs = sideOf(other);
    if (ours && theirs) {
      const others = await changedPaths(other);
      const meet = [...paths].some((path) => others.has(path));
      if (meet) collisions = await deps.findCollisions(session.repository.id, ours, theirs);
    }
    // Whatever changed meanwhile is compared again by the session that changed.
    tell(session.id, other, collisions.ours);
    tell(other.id, session, collisions.theirs);
  }

  async function compareOnce(sessionId: SessionId): Promise<void> {
    const session = find(sessionId);
    const now = session && fingerprint(session);
    if (!session || now === undefined || compared.get(sessionId) === now) return;
    compared.set(sessionId, now);
    const paths = sideOf(session) ? await changedPaths(session) : new Set<string>();
    const { sessions } = store.list({ repository: session.repository.id }, COMPARED_SESSIONS);
    const others = new Map(sessions.map((other) => [other.id, other]));
    for (const { sessionId: id } of session.overlaps) {
      const other = find(id);
      if (other) others.set(id, other);
    }
    others.delete(sessionId);
    for (const other of others.values()) await comparePair(session, other, paths);
    // An overlap with a session that is not there any more.
    const left = find(sessionId)?.overlaps.filter((overlap) => others.has(overlap.sessionId));
    if (left) recorder.recordDetails(sessionId, { overlaps: left });
  }

  return {
    /** Compares the session with the others where it changed since it was last compared. */
    compare(sessionId: SessionId): Promise<void> {
      const session = find(sessionId);
      if (!session || compared.get(sessionId) === fingerprint(session)) return Promise.resolve();
      return oneAtATime(session.repository.id, () => compareOnce(sessionId));
    },
  };
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
