import { expect, it } from "vitest";
import { OpenCodeEvent } from "./opencode-events.ts";
import { decideTurn, TURN_START } from "./turn-machine.ts";

const session = "ses_1";
const parse = (type: string, properties: unknown) => OpenCodeEvent.parse({ type, properties });
const EVENTS = {
  busy: parse("session.status", { sessionID: session, status: { type: "busy" } }),
  retry: parse("session.status", { sessionID: session, status: { type: "retry", attempt: 1, message: "m", next: 1 } }),
  idle: parse("session.idle", { sessionID: session }),
  otherIdle: parse("session.idle", { sessionID: "ses_2" }),
  error: parse("session.error", { sessionID: session, error: { name: "APIError", data: { message: "first" } } }),
  second: parse("session.error", { sessionID: session, error: { name: "UnknownError", data: { message: "second" } } }),
  otherError: parse("session.error", { sessionID: "ses_2", error: { name: "APIError" } }),
  abort: parse("session.error", { sessionID: session, error: { name: "MessageAbortedError" } }),
  answer: parse("message.updated", {
    info: { id: "msg_a", sessionID: session, role: "assistant", parentID: "msg_u", time: { created: 1 } },
  }),
  oldAnswer: parse("message.updated", {
    info: { id: "msg_0", sessionID: session, role: "assistant", parentID: "msg_before", time: { created: 1 } },
  }),
};

it.each<[(keyof typeof EVENTS)[], { phase: string; error?: string; aborted?: boolean }]>([
  [[], { phase: "sent" }],
  [["idle"], { phase: "sent" }],
  [["oldAnswer", "idle"], { phase: "sent" }],
  [["busy"], { phase: "busy" }],
  [["answer"], { phase: "busy" }],
  [["busy", "otherIdle"], { phase: "busy" }],
  [["busy", "retry", "busy"], { phase: "busy" }],
  [["busy", "idle"], { phase: "idle" }],
  [["busy", "idle", "busy"], { phase: "busy" }],
  [["busy", "error", "idle", "second"], { phase: "idle", error: "first" }],
  [["error", "idle"], { phase: "idle", error: "first" }],
  // The last word on the turn before this one.
  [["error", "busy", "idle"], { phase: "idle" }],
  [["busy", "otherError", "idle"], { phase: "idle" }],
  [["busy", "abort", "idle", "idle"], { phase: "idle", aborted: true }],
])("%j", (names, { phase, error, aborted = false }) => {
  const state = names.reduce(
    (current, name) => decideTurn(current, EVENTS[name], { session, messageId: "msg_u" }),
    TURN_START,
  );
  expect([state.phase, state.error?.data?.message, state.aborted]).toEqual([phase, error, aborted]);
});
