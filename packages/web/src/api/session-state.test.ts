import { newId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import { describe, expect, it } from "vitest";
import { cannedSession } from "../testing/canned-fleet.ts";
import { ReceivedFrame } from "./received-frame.ts";
import { applyFrames, EMPTY_SESSION_STATE, type SessionState } from "./session-state.ts";

const promptId = newId("prompt");
const event = (seq: number, over: Partial<SessionEvent> = {}): SessionFrame => ({
  type: "event",
  event: {
    seq,
    v: 1,
    at: new Date(seq * 1000).toISOString(),
    actor: "server",
    type: "session.archived",
    data: {},
    ...over,
  } as SessionEvent,
});
const part = (rev: number, text = "", partId = "a"): SessionFrame => ({
  type: "part",
  promptId,
  part: { partId, kind: "text", index: 0, text, rev },
});
const delta = (offset: number, text: string): SessionFrame => ({ type: "delta", partId: "a", offset, text });
const settled = (seq: number): SessionFrame =>
  event(seq, { type: "part.settled", promptId, data: { partId: "a", kind: "text", index: 0, text: "hello" } });
const snapshot = (lastSeq: number, over: Partial<Extract<SessionFrame, { type: "snapshot" }>> = {}): SessionFrame => ({
  type: "snapshot",
  session: cannedSession({ title: "x" }),
  prompts: [],
  lastSeq,
  openParts: [],
  ports: [],
  bootLog: [],
  live: null,
  jobs: [],
  ...over,
});
const after = (...frames: SessionFrame[]): SessionState => applyFrames(EMPTY_SESSION_STATE, frames);
const seqs = (state: SessionState) => state.events.map(({ seq }) => seq);
const textOf = (state: SessionState) => state.openParts.a?.part.text;

describe("frames of a newer server", () => {
  const received = (frame: unknown) => ReceivedFrame.parse(frame);

  it("an event of an unknown type, or with unknown data, keeps its place and shows nothing", () => {
    const unknownType = received({ type: "event", event: { seq: 2, type: "session.beamed", data: {} } });
    const unknownData = received({ type: "event", event: { seq: 3, type: "stop.escalated", data: { step: "magic" } } });
    const state = applyFrames(EMPTY_SESSION_STATE, [event(1), unknownData, event(4), unknownType]);
    expect([seqs(state), state.lastSeq, state.needsResync]).toEqual([[1, 4], 4, false]);
  });

  it("a frame of an unknown type is refused, so that the socket leaves it out", () => {
    expect(ReceivedFrame.safeParse({ type: "hologram" }).success).toBe(false);
  });
});

describe("events", () => {
  it.each([
    ["in order", [1, 2, 3], [1, 2, 3], false],
    ["twice", [1, 2, 2, 1, 3], [1, 2, 3], false],
    ["one early", [1, 3, 2], [1, 2, 3], false],
    ["several early, in any order", [1, 4, 3, 2], [1, 2, 3, 4], false],
    ["one missing", [1, 3], [1], true],
  ])("%s", (...[, given, kept, needsResync]) => {
    const state = after(...given.map((seq) => event(seq)));
    expect([seqs(state), state.lastSeq, state.needsResync]).toEqual([kept, kept.at(-1), needsResync]);
  });

  it("come to the same when the whole log is sent again after a drop", () => {
    const before = after(event(1), event(2));
    const again = applyFrames(before, [snapshot(3), event(1), event(2), event(3)]);
    expect(seqs(again)).toEqual([1, 2, 3]);
  });

  it("keep their list's identity when nothing is added", () => {
    const before = after(event(1));
    expect(applyFrames(before, [event(1), { type: "ping" }]).events).toBe(before.events);
  });
});

describe("open parts", () => {
  it.each([
    ["deltas append", [part(0), delta(0, "hel"), delta(3, "lo")], "hello"],
    ["a delta twice", [part(0), delta(0, "hel"), delta(0, "hel"), delta(3, "lo")], "hello"],
    ["a delta that overlaps", [part(0), delta(0, "hel"), delta(1, "ello")], "hello"],
    ["a replacement with a higher rev", [part(0, "old"), part(1, "new")], "new"],
    ["a late part of a lower rev", [part(1, "new"), part(0, "old")], "new"],
    ["the part again does not lose what deltas added", [part(0), delta(0, "hel"), part(0)], "hel"],
    ["a delta of an unknown part", [delta(0, "hel")], undefined],
  ] as [string, SessionFrame[], string | undefined][])("%s", (_name, frames, text) => {
    const state = after(...frames);
    expect([textOf(state), state.needsResync]).toEqual([text, false]);
  });

  it("ask for a new connection when a delta is missing in between", () => {
    const state = after(part(0), delta(3, "lo"));
    expect([textOf(state), state.needsResync]).toEqual(["", true]);
  });

  it("go when they settle, and a late frame does not bring them back", () => {
    const state = after(part(0), settled(1), part(1, "late"), delta(0, "late"));
    expect(state.openParts).toEqual({});
  });

  it("go with their prompt", () => {
    const state = after(part(0), event(1, { type: "prompt.interrupted", promptId, data: { reason: "stopped" } }));
    expect(state.openParts).toEqual({});
  });

  it("are what the snapshot says, whatever was known", () => {
    const known = after(part(5, "stale", "b"));
    const open = { promptId, part: { partId: "a", kind: "text" as const, index: 0, text: "now", rev: 0 } };
    expect(Object.keys(applyFrames(known, [snapshot(0, { openParts: [open] })]).openParts)).toEqual(["a"]);
  });

  it("leave their version alone while only text grows", () => {
    const before = after(part(0));
    expect(applyFrames(before, [delta(0, "x")]).openPartsVersion).toBe(before.openPartsVersion);
    expect(applyFrames(before, [part(1)]).openPartsVersion).not.toBe(before.openPartsVersion);
  });
});

describe("the boot log", () => {
  const log = (text: string, phase: "clone" | "agent" = "clone"): SessionFrame => ({ type: "log", phase, text });
  const boot = newId("boot");
  const creating = (seq: number) => event(seq, { type: "sandbox.creating", data: { boot } });

  it("joins what one phase says", () => {
    expect(after(log("a"), log("b"), log("c", "agent")).bootLog).toEqual([
      { phase: "clone", text: "ab" },
      { phase: "agent", text: "c" },
    ]);
  });

  it("begins anew with a new boot, not with an old one of the history", () => {
    expect(after(log("a"), creating(1)).bootLog).toEqual([]);
    const bootLog = [{ phase: "clone" as const, text: "now" }];
    expect(after(snapshot(1, { bootLog }), creating(1)).bootLog).toEqual(bootLog);
  });
});

describe("the running turn's changes", () => {
  it("are the last that was told, or what a snapshot says", () => {
    const live = { commit: "c".repeat(40), turnId: newId("turn"), files: 2, additions: 5, deletions: 1 };
    expect(after({ type: "live", live }).live).toEqual(live);
    expect(after({ type: "live", live }, { type: "live", live: null }).live).toBeNull();
    expect(after({ type: "live", live }, snapshot(0)).live).toBeNull();
    expect(after(snapshot(0, { live })).live).toEqual(live);
  });
});

describe("jobs", () => {
  const id = newId("job");
  const job: Job = {
    id,
    sessionId: newId("session"),
    kind: "push",
    status: "running",
    summary: "push agents/x to origin",
    result: null,
    error: null,
    log: "",
    startedAt: new Date(0).toISOString(),
    endedAt: null,
  };
  const failed: SessionFrame = {
    type: "event",
    event: {
      seq: 1,
      v: 1,
      at: new Date(0).toISOString(),
      actor: "server",
      type: "job.failed",
      data: { jobId: id, kind: "push", error: { code: "push.rejected", message: "no", advice: null, url: null } },
    },
  };

  it("keeps what a job prints, to its end", () => {
    const log = (text: string): SessionFrame => ({ type: "job-log", jobId: id, text });
    expect(after({ type: "job", job }, log("one\n"), log("two\n")).jobs[id]?.log).toBe("one\ntwo\n");
    expect(after(log("of a job nobody knows")).jobs).toEqual({});
    expect(after({ type: "job", job }, log("x".repeat(70_000)), log("end")).jobs[id]?.log).toMatch(/^x{65533}end$/);
  });

  it("learns the end from the events where the frame was missed", () => {
    expect(after(snapshot(0, { jobs: [job] }), failed).jobs[id]).toMatchObject({
      status: "failed",
      error: { code: "push.rejected" },
    });
  });
});
