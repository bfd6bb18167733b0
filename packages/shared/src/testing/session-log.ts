import { newId, type PromptId, type TurnId } from "../ids.ts";
import type { NewSessionEvent, SessionEvent } from "../protocol/session-events.ts";
import type { OpenPart, SettledPart } from "../sessions/part.ts";

/** Pieces of a session's log, for tests. */

export const P1 = newId("prompt");
export const P2 = newId("prompt");
export const T1 = newId("turn");
export const T2 = newId("turn");
export const boot = newId("boot");
export const checkpointId = newId("checkpoint");
export const commit = "a".repeat(40);

/** The events as the log would hold them: one a second. */
export function log(...events: NewSessionEvent[]): SessionEvent[] {
  return events.map((event, at) => ({ ...event, seq: at + 1, v: 1, at: new Date(1e12 + at * 1000).toISOString() }));
}
export const queued = (promptId: PromptId, text = "do it"): NewSessionEvent => ({
  type: "prompt.queued",
  actor: "user",
  promptId,
  data: { text, mode: "queue", model: "demo/scripted", effort: null },
});
export const starting = (promptId: PromptId, turnId: TurnId): NewSessionEvent => ({
  type: "prompt.starting",
  actor: "server",
  promptId,
  turnId,
  data: {},
});
export const started = (promptId: PromptId, turnId: TurnId): NewSessionEvent => ({
  type: "prompt.started",
  actor: "agent",
  promptId,
  turnId,
  data: { messageId: "msg_1" },
});
export const completed = (promptId: PromptId, turnId: TurnId): NewSessionEvent => ({
  type: "prompt.completed",
  actor: "agent",
  promptId,
  turnId,
  data: { durationMs: 72_000, checkpointId },
});
export const settled = (partId: string, index: number, more: Partial<SettledPart> = {}): NewSessionEvent => ({
  type: "part.settled",
  actor: "agent",
  promptId: P1,
  turnId: T1,
  data: { partId, kind: "text", index, text: partId, ...more },
});
export const open = (
  partId: string,
  index: number,
  more: Partial<OpenPart> = {},
): { promptId: PromptId; part: OpenPart } => ({
  promptId: P1,
  part: { partId, kind: "text", index, text: "", rev: 0, ...more },
});
export const creating: NewSessionEvent = { type: "sandbox.creating", actor: "server", data: { boot } };
export const booting = (phase: "connect" | "clone" | "setup" | "agent"): NewSessionEvent => ({
  type: "sandbox.booting",
  actor: "server",
  data: { boot, phase },
});
export const ready: NewSessionEvent = {
  type: "sandbox.ready",
  actor: "server",
  data: { boot, opencodeVersion: "1", bootMs: 3000 },
};
export const begun = [queued(P1), starting(P1, T1), started(P1, T1)];
