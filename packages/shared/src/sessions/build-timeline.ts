import type { PromptId } from "../ids.ts";
import type { SessionEvent } from "../protocol/session-events.ts";
import {
  applyGuardEvent,
  applyModes,
  belongsToStart,
  emptyGuards,
  type GuardEvent,
  type GuardState,
  isGuardEvent,
} from "./apply-guard-event.ts";
import { applyWorkEvent, isWorkEvent, type WorkEvent, type WorkState } from "./apply-work-event.ts";
import { applyTurnEvent, type Draft, end, noticeEntry, place } from "./apply-turn-event.ts";
import { addToBoot, startBoot } from "./boot-entry.ts";
import type { OpenPart } from "./part.ts";
import { orderEntries, type PlacedEntry } from "./order-entries.ts";
import type { BootEntry, Timeline, TimelineEntry, Turn, TurnPrompt } from "./timeline.ts";
import { emptyHistory, goOn, noteCheckpoint, turnsBehind } from "./work-history.ts";

export interface TimelineInput {
  /** Stored events, ascending by seq, without duplicates. */
  events: readonly SessionEvent[];
  openParts?: readonly { promptId: PromptId; part: OpenPart }[];
  /** Prompts sent from here that no event tells of yet. */
  unconfirmedPrompts?: readonly TurnPrompt[];
}

interface State {
  /** Sent and not yet begun, in the order of sending. */
  waiting: Map<PromptId, TurnPrompt>;
  drafts: Draft[];
  byPrompt: Map<PromptId, Draft>;
  /** Every prompt an event told of, cancelled ones too. */
  told: Set<PromptId>;
  /** Entries that came while no turn ran: they belong to the turn that begins next. */
  ahead: PlacedEntry[];
  boot: BootEntry | null;
  /** A line told of the setup script since the newest boot began. */
  scriptTold: boolean;
  work: WorkState;
  guards: GuardState;
}

/**
 * Pure: a session's events, and the parts still open, as the turns a timeline shows. Settled parts are handed on by
 * reference, so whoever renders them can compare by identity.
 */
export function buildTimeline(input: TimelineInput): Timeline {
  const state = emptyState();
  for (const event of input.events) applyEvent(state, event);
  for (const prompt of input.unconfirmedPrompts ?? []) {
    if (!state.told.has(prompt.id)) state.waiting.set(prompt.id, prompt);
  }
  for (const { promptId, part } of input.openParts ?? []) {
    const draft = state.byPrompt.get(promptId);
    if (!draft || isOver(draft.turn) || draft.settledParts.has(part.partId)) continue;
    draft.placed.push({ entry: { kind: "open-part", key: part.partId, part, children: [] }, index: part.index });
  }
  const queued = [...state.waiting.values()];
  const running = state.drafts.some(({ turn }) => !isOver(turn));
  const next = running ? undefined : queued.shift();
  if (next) beginTurn(state, next).turn.status = "pending";
  else settleAhead(state);

  const { restored, history } = state.work;
  if (restored) restored.entry.isLast = restored.moment === history.now;
  const kept = turnsBehind(history);
  const turns = state.drafts.map(({ turn, placed }) => ({
    ...turn,
    setAside: isOver(turn) && !kept.has(turn),
    entries: orderEntries(placed),
  }));
  return { turns, queued };
}

function emptyState(): State {
  return {
    waiting: new Map(),
    drafts: [],
    byPrompt: new Map(),
    told: new Set(),
    ahead: [],
    boot: null,
    scriptTold: false,
    work: {
      history: emptyHistory(),
      jobs: new Map(),
      approvals: new Map(),
      pullRequest: null,
      checkoutPath: null,
      restored: null,
    },
    guards: emptyGuards(),
  };
}

function applyEvent(state: State, event: SessionEvent): void {
  if (event.type.startsWith("sandbox.")) return applySandboxEvent(state, event);
  if (isWorkEvent(event)) return applyAroundTurns(state, event);
  if (isGuardEvent(event)) return applyGuard(state, event);
  const draft = draftOf(state, event);
  if (draft) draft.turn.lastSeq = event.seq;
  switch (event.type) {
    case "session.created":
    case "session.configured":
      return applyModes(state.guards, event, (draft ?? state.drafts.at(-1))?.placed ?? state.ahead);
    case "prompt.queued":
      if (!event.promptId) return;
      state.told.add(event.promptId);
      state.waiting.set(event.promptId, { id: event.promptId, at: event.at, ...event.data });
      return;
    case "prompt.edited": {
      const prompt = event.promptId && state.waiting.get(event.promptId);
      if (!prompt) return;
      const { review: _, ...rest } = prompt;
      state.waiting.set(prompt.id, { ...rest, text: event.data.text });
      return;
    }
    case "prompt.cancelled":
      if (event.promptId) state.waiting.delete(event.promptId);
      return;
    case "prompt.reordered":
      state.waiting = reorder(state.waiting, event.data.order);
      return;
    case "prompt.steered":
      return applySteered(state, event);
    case "prompt.starting": {
      const prompt = event.promptId && state.waiting.get(event.promptId);
      if (!prompt) return;
      state.waiting.delete(prompt.id);
      const { turn } = beginTurn(state, prompt);
      turn.status = "starting";
      turn.turnId = event.turnId ?? null;
      turn.key = event.turnId ?? prompt.id;
      turn.startedAt = event.at;
      turn.lastSeq = event.seq;
      return;
    }
    case "prompt.failed": {
      // A prompt can fail before its turn began: its sandbox never started.
      const prompt = event.promptId && state.waiting.get(event.promptId);
      if (prompt) state.waiting.delete(prompt.id);
      const failed = prompt ? beginTurn(state, prompt) : draft;
      if (!failed) return;
      end(failed, "failed", event);
      const { code, message } = event.data;
      // A sandbox that did not start: its steps show where, the turn's end says why. An earlier start keeps its own.
      const boot = failed.placed.map(({ entry }) => entry).findLast((entry) => entry.kind === "boot");
      if (boot?.reason === message) boot.reason = null;
      place(failed.placed, { kind: "error", key: `error-${event.seq}`, code, message });
      return;
    }
    case "branch.published":
    case "branch.conflicted":
      return applyBranchEvent(state, event);
    case "checkpoint.created":
      noteCheckpoint(state.work.history, event.data.checkpointId, draft?.turn ?? null);
      if (draft) applyTurnEvent(draft, event);
      return;
    default:
      if (draft) return applyTurnEvent(draft, event);
      if (event.type === "notice.raised") place(state.ahead, noticeEntry(event));
  }
}

/** What happens around the turns stands where the conversation has come to: at the end of the newest turn. */
function applyAroundTurns(state: State, event: WorkEvent): void {
  const draft = (event.promptId && state.byPrompt.get(event.promptId)) ?? state.drafts.at(-1);
  if (draft) draft.turn.lastSeq = event.seq;
  const findPrompt = (id: PromptId) => state.waiting.get(id) ?? state.byPrompt.get(id)?.turn.prompt;
  applyWorkEvent(state.work, event, { placed: draft?.placed ?? state.ahead, findPrompt });
}

/** What guards the session stands with the turn it happened in, a start's with the turn that the start is for. */
function applyGuard(state: State, event: GuardEvent): void {
  const newest = belongsToStart(event) ? undefined : state.drafts.at(-1);
  const draft = draftOf(state, event) ?? newest;
  if (draft) draft.turn.lastSeq = event.seq;
  if (event.type === "setup.started" || event.type === "setup.ended") state.scriptTold = true;
  applyGuardEvent(state.guards, event, draft?.placed ?? state.ahead);
}

/** Publishing follows the turn: the event stands with the checkpoint it published, or the newest one. */
function applyBranchEvent(
  state: State,
  event: Extract<SessionEvent, { type: "branch.published" | "branch.conflicted" }>,
): void {
  const checkpoints = state.drafts.flatMap(({ checkpoint }) => checkpoint ?? []);
  if (event.type === "branch.published") {
    const checkpoint = checkpoints.findLast(({ commit }) => commit === event.data.commit) ?? checkpoints.at(-1);
    if (!checkpoint) return;
    checkpoint.published = { ...event.data };
    checkpoint.conflict = null;
  } else {
    // Told once, with the newest work.
    for (const checkpoint of checkpoints) checkpoint.conflict = null;
    const checkpoint = checkpoints.at(-1);
    if (checkpoint) checkpoint.conflict = { branch: event.data.branch, reason: event.data.reason };
  }
}

/** A steered prompt is part of the turn that took it, at the place where it joined. */
function applySteered(state: State, event: Extract<SessionEvent, { type: "prompt.steered" }>): void {
  const prompt = event.promptId && state.waiting.get(event.promptId);
  const draft = state.drafts.findLast(({ turn }) => turn.turnId !== null && turn.turnId === event.turnId);
  if (!prompt || !draft) return;
  state.waiting.delete(prompt.id);
  draft.turn.lastSeq = event.seq;
  place(draft.placed, { kind: "steered", key: `steered-${prompt.id}`, prompt });
}

function reorder(waiting: State["waiting"], order: readonly PromptId[]): State["waiting"] {
  const ordered = order.flatMap((id) => waiting.get(id) ?? []);
  return new Map([...ordered, ...waiting.values()].map((prompt) => [prompt.id, prompt]));
}

function applySandboxEvent(state: State, event: SessionEvent): void {
  const current = state.drafts.findLast(({ turn }) => !isOver(turn));
  if (event.type === "sandbox.stopping") return;
  if (event.type === "sandbox.stopped" || event.type === "sandbox.failed") {
    const bootUnderWay = state.boot && state.boot.status !== "ready";
    // A run that was asked for before its container was made has its line already.
    const scriptTold = state.scriptTold || state.guards.setup !== null;
    if (bootUnderWay && state.boot) addToBoot(state.boot, event, scriptTold);
    else {
      const key = `${event.type}-${event.seq}`;
      const entry: TimelineEntry =
        event.type === "sandbox.failed"
          ? { kind: "sandbox-failed", key, ...event.data }
          : { kind: "sandbox-stopped", key, reason: event.data.reason };
      // One that was started for no turn ends below its start, and is not what ended the turn before.
      const isAhead = state.ahead.some(({ entry: other }) => other === state.boot);
      const newest = isAhead ? state.ahead : state.drafts.at(-1)?.placed;
      const placed = current?.placed ?? newest ?? state.ahead;
      if (!wasSaid(placed, event.data.reason)) place(placed, entry);
    }
    state.boot = null;
    return;
  }
  if (!state.boot || state.boot.status === "ready") {
    state.boot = startBoot(event.seq);
    state.scriptTold = false;
    place(current?.placed ?? state.ahead, state.boot);
  }
  addToBoot(state.boot, event, false);
}

/** The turn that ended by it gave the same reason. */
function wasSaid(placed: readonly PlacedEntry[], reason: string): boolean {
  return placed.some(({ entry }) => entry.kind === "error" && entry.message === reason);
}

function beginTurn(state: State, prompt: TurnPrompt): Draft {
  const turn: Turn = {
    key: prompt.id,
    number: state.drafts.length + 1,
    turnId: null,
    prompt,
    status: "pending",
    startedAt: null,
    endedAt: null,
    durationMs: null,
    usage: null,
    changes: null,
    checkpointId: null,
    todos: null,
    lastSeq: 0,
    setAside: false,
    entries: [],
  };
  goOn(state.work.history, turn);
  const draft: Draft = { turn, placed: state.ahead, settledParts: new Set(), checkpoint: null };
  state.ahead = [];
  state.drafts.push(draft);
  state.byPrompt.set(prompt.id, draft);
  return draft;
}

/** What came after the last turn and has no next one yet stands at the end of the last. */
function settleAhead(state: State): void {
  state.drafts.at(-1)?.placed.push(...state.ahead);
}

function draftOf(state: State, event: SessionEvent): Draft | undefined {
  if (event.promptId) return state.byPrompt.get(event.promptId);
  return state.drafts.findLast(({ turn }) => !isOver(turn)) ?? undefined;
}

export function isOver(turn: Pick<Turn, "status">): boolean {
  return turn.status === "completed" || turn.status === "failed" || turn.status === "interrupted";
}
