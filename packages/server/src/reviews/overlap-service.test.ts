import { newId, type SessionId } from "@background-agents/shared/ids";
import type { Overlap } from "@background-agents/shared/reviews/overlap";
import type { Session } from "@background-agents/shared/sessions/session";
import { beforeEach, describe, expect, it } from "vitest";
import type { SessionState } from "../sessions/session-state.ts";
import { createOverlaps } from "./overlap-service.ts";

const FILES: Overlap["files"] = [{ path: "a.txt", conflicts: true, lines: [{ start: 1, end: 1 }] }];
const BASE = "0".repeat(40);

const sessions = new Map<SessionId, Session>();
/** Sessions whose objects cannot be read, by name. */
const broken = new Set<string>();
/** Pairs that were looked at in full, in the order of their names. */
let looked: string[] = [];
/** Sessions whose changes were read, by name. */
let read: string[] = [];
let now = 0;
const SOME_MINUTES = 6 * 60_000;

/** A session that changed `a.txt`, named by one letter. */
function add(name: string, changes: Partial<Session> = {}): Session {
  const session = {
    ...{ id: newId("session"), title: name, branch: `agents/${name}`, baseCommit: BASE, lastCommit: name.repeat(40) },
    ...{ repository: { id: "one" }, overlaps: [], archived: false, deletedAt: null, pullRequest: null },
    ...changes,
  } as Partial<Session> as Session;
  sessions.set(session.id, session);
  return session;
}

const titleOf = (id: SessionId) => sessions.get(id)?.title ?? "";
const told = (session: Session) =>
  sessions
    .get(session.id)
    ?.overlaps.map(({ title }) => title)
    .toSorted()
    .join("");

function makeOverlaps() {
  return createOverlaps({
    store: {
      find: (id) => {
        const session = sessions.get(id);
        return session && ({ session } as SessionState);
      },
      list: ({ repository, cursor = "0" }, limit) => {
        const all = [...sessions.values()].filter(
          ({ archived, repository: { id } }) => !archived && (repository === undefined || id === repository),
        );
        const page = all.slice(Number(cursor), Number(cursor) + limit);
        const next = Number(cursor) + limit;
        return { sessions: page, nextCursor: next < all.length ? String(next) : null };
      },
    },
    recorder: {
      recordDetails: (id, details) => {
        const session = { ...(sessions.get(id) as Session), ...details };
        sessions.set(id, session);
        return { session } as SessionState;
      },
    },
    quarantine: {
      changes: async ({ sessionId }) => {
        read.push(titleOf(sessionId));
        if (broken.has(titleOf(sessionId))) throw new Error(`${titleOf(sessionId)} cannot be read`);
        return [{ path: "a.txt" }] as Awaited<
          ReturnType<Parameters<typeof createOverlaps>[0]["quarantine"]["changes"]>
        >;
      },
    },
    findCollisions: async (_repository, ours, theirs) => {
      looked.push([titleOf(ours.sessionId), titleOf(theirs.sessionId)].toSorted().join(""));
      return { ours: FILES, theirs: FILES };
    },
    clock: { now: () => new Date(now) },
  });
}

beforeEach(() => {
  sessions.clear();
  broken.clear();
  [looked, read] = [[], []];
});

describe("comparing a session with the others", () => {
  it("goes on past one that cannot be read, says so, and tries it again in some minutes until all are compared", async () => {
    const [a, b, c] = [add("a"), add("b"), add("c")];
    const overlaps = makeOverlaps();
    broken.add("b");
    await expect(overlaps.compare(a.id)).rejects.toThrow("1 comparisons with other sessions failed");
    expect([told(a), told(b), told(c)]).toEqual(["c", "", "a"]);
    looked = [];
    now += SOME_MINUTES;
    await expect(overlaps.compare(a.id)).rejects.toThrow("b cannot be read");
    broken.clear();
    now += SOME_MINUTES;
    await overlaps.compare(a.id);
    // What could be compared is not looked at again.
    expect(looked).toEqual(["ab"]);
    expect([told(a), told(b), told(c)]).toEqual(["bc", "a", "a"]);
    looked = [];
    await overlaps.compare(a.id);
    expect(looked).toEqual([]);
  });

  it("leaves one alone that could not be read, until that changes or is put away", async () => {
    const [a, b] = [add("a"), add("b"), add("c")];
    const overlaps = makeOverlaps();
    broken.add("b");
    await expect(overlaps.compare(a.id)).rejects.toThrow("b cannot be read");
    [looked, read] = [[], []];
    await overlaps.compare(a.id);
    expect([looked, read]).toEqual([[], []]);
    sessions.set(b.id, { ...(sessions.get(b.id) as Session), lastCommit: "e".repeat(40) });
    await expect(overlaps.compare(a.id)).rejects.toThrow("b cannot be read");
    expect([looked, read]).toEqual([[], ["a", "b"]]);
    sessions.set(b.id, { ...(sessions.get(b.id) as Session), archived: true });
    await overlaps.compare(a.id);
    await overlaps.compare(a.id);
    expect([told(a), looked]).toEqual(["c", []]);
  });

  it("compares with all again once it has changed itself, past one that could not be read", async () => {
    const a = add("a");
    add("b");
    add("c");
    const overlaps = makeOverlaps();
    broken.add("b");
    await expect(overlaps.compare(a.id)).rejects.toThrow("b cannot be read");
    looked = [];
    sessions.set(a.id, { ...(sessions.get(a.id) as Session), lastCommit: "f".repeat(40) });
    await expect(overlaps.compare(a.id)).rejects.toThrow("b cannot be read");
    expect(looked).toEqual(["ac"]);
  });

  it("tries again where its own work could not be read", async () => {
    const [a, b] = [add("a"), add("b")];
    const overlaps = makeOverlaps();
    broken.add("a");
    await expect(overlaps.compare(a.id)).rejects.toThrow("a cannot be read");
    broken.clear();
    await overlaps.compare(a.id);
    expect([told(a), told(b)]).toEqual(["b", "a"]);
  });
});

describe("comparing all", () => {
  it("looks at each pair of live sessions of one repository once", async () => {
    const [a, b, c] = [add("a"), add("b"), add("c")];
    const none = add("d", { lastCommit: null });
    const apart = add("e", { repository: { id: "other" } as Partial<Session["repository"]> as Session["repository"] });
    const overlaps = makeOverlaps();
    await overlaps.compareAll();
    expect([a, b, c, none, apart].map(told)).toEqual(["bc", "ac", "ab", "", ""]);
    expect(looked.toSorted()).toEqual(["ab", "ac", "bc"]);
  });

  it("forgets what was told of a session that was put away", async () => {
    const gone = add("g", { archived: true });
    const overlap: Overlap = { sessionId: gone.id, title: "g", branch: gone.branch, files: FILES };
    const a = add("a", { overlaps: [overlap] });
    await makeOverlaps().compareAll();
    expect(told(a)).toBe("");
  });

  it("goes through more than one page, past a session that cannot be read, and says so", async () => {
    const b = add("b");
    for (let count = 0; count < 60; count += 1) add("d", { lastCommit: null });
    const [bad, a] = [add("x"), add("a")];
    broken.add("x");
    await expect(makeOverlaps().compareAll()).rejects.toThrow("x cannot be read");
    expect([a, bad, b].map(told)).toEqual(["b", "", "a"]);
  });

  it("ends with the session that it is at when it is closed", async () => {
    const [a, b, c] = [add("a"), add("b"), add("c")];
    const overlaps = makeOverlaps();
    const run = overlaps.compareAll();
    overlaps.close();
    await run;
    expect([a, b, c].map(told)).toEqual(["bc", "a", "a"]);
  });
});
