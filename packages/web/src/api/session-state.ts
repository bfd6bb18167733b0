import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { JobId, PromptId } from "@background-agents/shared/ids";
import type { Job } from "@background-agents/shared/jobs/job";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import type { OpenPart } from "@background-agents/shared/sessions/part";
import type { BootPhase, LiveChanges, Prompt, Session } from "@background-agents/shared/sessions/session";
import type { ReceivedFrame } from "./received-frame.ts";

export interface OpenPartOfPrompt {
  promptId: PromptId;
  part: OpenPart;
}

/** An event, or the place of one that this page cannot read. */
type SeenEvent = { seq: number; event: SessionEvent | null };

/** What the page knows of one session. */
export interface SessionState {
  session: Session | null;
  prompts: Prompt[];
  /** In order of seq, from 1; only those of a newer server that this page cannot read are left out. */
  events: SessionEvent[];
  /** Up to which seq everything has come. */
  lastSeq: number;
  /** What the server had when it sent its snapshot; the history is whole once `lastSeq` has reached it. */
  snapshotSeq: number | null;
  openParts: Record<string, OpenPartOfPrompt>;
  /** Changes when an open part comes, goes or is replaced, not when its text grows. */
  openPartsVersion: number;
  bootLog: { phase: BootPhase; text: string }[];
  /** The working tree of the running turn; null where none runs or it has not changed yet. */
  live: LiveChanges | null;
  /** Jobs that run, and those that were seen to end. */
  jobs: Partial<Record<JobId, Job>>;
  /** What listens in the sandbox. */
  ports: ListeningPort[];
  /** Events that came before the ones they follow. */
  early: SeenEvent[];
  /** Something was missed that only a new connection brings. */
  needsResync: boolean;
}

export const EMPTY_SESSION_STATE: SessionState = {
  session: null,
  prompts: [],
  events: [],
  lastSeq: 0,
  snapshotSeq: null,
  openParts: {},
  openPartsVersion: 0,
  bootLog: [],
  live: null,
  jobs: {},
  ports: [],
  early: [],
  needsResync: false,
};

const BOOT_LOG_LIMIT = 200_000;
const JOB_LOG_LIMIT = 65_536;

/** Pure: the state after these frames. A frame that comes twice, late or early changes nothing it should not. */
export function applyFrames(before: SessionState, frames: readonly ReceivedFrame[]): SessionState {
  const state: SessionState = {
    ...before,
    events: [...before.events],
    openParts: { ...before.openParts },
    early: [...before.early],
  };
  for (const frame of frames) applyFrame(state, frame);
  // Identity tells whoever renders whether there is anything to do.
  if (state.events.length === before.events.length) state.events = before.events;
  return state;
}

function applyFrame(state: SessionState, frame: ReceivedFrame): void {
  switch (frame.type) {
    case "snapshot":
      state.session = frame.session;
      state.prompts = frame.prompts;
      state.snapshotSeq = frame.lastSeq;
      state.bootLog = frame.bootLog.reduce<SessionState["bootLog"]>((log, piece) => appendLog(log, piece), []);
      state.live = frame.live;
      state.ports = frame.ports;
      // One that ended meanwhile is told by the events that follow.
      for (const job of frame.jobs) state.jobs = { ...state.jobs, [job.id]: job };
      state.openParts = Object.fromEntries(frame.openParts.map((open) => [open.part.partId, open]));
      state.openPartsVersion++;
      state.needsResync = false;
      return;
    case "event":
      return applyEvent(state, { seq: frame.event.seq, event: frame.event });
    case "unreadable-event":
      return applyEvent(state, { seq: frame.seq, event: null });
    case "part":
      return applyPart(state, frame);
    case "delta":
      return applyDelta(state, frame);
    case "log":
      state.bootLog = appendLog(state.bootLog, frame);
      return;
    case "live":
      state.live = frame.live;
      return;
    case "ports":
      state.ports = frame.ports;
      return;
    case "job":
      state.jobs = { ...state.jobs, [frame.job.id]: frame.job };
      return;
    case "job-log":
      return updateJob(state, frame.jobId, ({ log }) => ({ log: (log + frame.text).slice(-JOB_LOG_LIMIT) }));
    case "session":
      state.session = frame.session;
      return;
    case "prompt":
      state.prompts = [...state.prompts.filter(({ id }) => id !== frame.prompt.id), frame.prompt];
      return;
    case "ping":
      return;
  }
}

function applyEvent(state: SessionState, seen: SeenEvent): void {
  if (seen.seq <= state.lastSeq) return;
  if (seen.seq > state.lastSeq + 1) {
    state.early.push(seen);
    state.needsResync = true;
    return;
  }
  record(state, seen);
  state.early = state.early.filter(({ seq }) => seq > state.lastSeq).toSorted((a, b) => a.seq - b.seq);
  while (state.early[0]?.seq === state.lastSeq + 1) {
    const next = state.early.shift();
    if (next) record(state, next);
  }
  if (state.early.length === 0) state.needsResync = false;
}

function record(state: SessionState, { seq, event }: SeenEvent): void {
  state.lastSeq = seq;
  if (!event) return;
  state.events.push(event);
  switch (event.type) {
    case "part.settled":
      return removeOpenParts(state, ({ part }) => part.partId === event.data.partId);
    case "prompt.completed":
    case "prompt.failed":
    case "prompt.interrupted":
      return removeOpenParts(state, ({ promptId }) => promptId === event.promptId);
    case "job.succeeded":
      return updateJob(state, event.data.jobId, () => ({
        status: "succeeded",
        result: event.data.result,
        endedAt: event.at,
      }));
    case "job.failed":
      return updateJob(state, event.data.jobId, () => ({
        status: "failed",
        error: event.data.error,
        endedAt: event.at,
      }));
    case "sandbox.creating":
      // On the first load the history replays boots that are long over: the snapshot's log is newer than they.
      if (event.seq > (state.snapshotSeq ?? 0)) state.bootLog = [];
      return;
    default:
      return;
  }
}

function updateJob(state: SessionState, id: JobId, change: (job: Job) => Partial<Job>): void {
  const job = state.jobs[id];
  if (job) state.jobs = { ...state.jobs, [id]: { ...job, ...change(job) } };
}

function removeOpenParts(state: SessionState, matches: (open: OpenPartOfPrompt) => boolean): void {
  const kept = Object.entries(state.openParts).filter(([, open]) => !matches(open));
  if (kept.length === Object.keys(state.openParts).length) return;
  state.openParts = Object.fromEntries(kept);
  state.openPartsVersion++;
}

function applyPart(state: SessionState, { promptId, part }: Extract<SessionFrame, { type: "part" }>): void {
  const known = state.openParts[part.partId];
  if (known && known.part.rev >= part.rev) return;
  if (isSettled(state, part.partId)) return;
  state.openParts[part.partId] = { promptId, part };
  state.openPartsVersion++;
}

/** Looks backwards: a late frame of a settled part comes shortly after it settled. */
function isSettled(state: SessionState, partId: string): boolean {
  return state.events.findLast((event) => event.type === "part.settled" && event.data.partId === partId) !== undefined;
}

function applyDelta(state: SessionState, delta: Extract<SessionFrame, { type: "delta" }>): void {
  const known = state.openParts[delta.partId];
  if (!known) return;
  const missing = known.part.text.length - delta.offset;
  if (missing < 0) {
    state.needsResync = true;
    return;
  }
  const addition = delta.text.slice(missing);
  if (addition === "") return;
  state.openParts[delta.partId] = { ...known, part: { ...known.part, text: known.part.text + addition } };
}

function appendLog(
  log: SessionState["bootLog"],
  { phase, text }: { phase: BootPhase; text: string },
): SessionState["bootLog"] {
  const last = log.at(-1);
  if (last?.phase !== phase) return [...log, { phase, text }];
  return [...log.slice(0, -1), { phase, text: (last.text + text).slice(-BOOT_LOG_LIMIT) }];
}
