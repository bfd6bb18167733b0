import type { MessageInfo, OpenCodeError, OpenCodeEvent } from "./opencode-events.ts";

/**
 * Follows one turn through OpenCode's status events.
 *
 * | state   | event                     | state   | note   |
 * |---------|---------------------------|---------|--------|
 * | sent    | busy, retry, assistant    | busy    |        |
 * | sent    | error                     | failing |        |
 * | sent    | idle                      | sent    | none: an idle from before this prompt's busy |
 * | failing | idle                      | idle    |        |
 * | failing | busy                      | busy    | the error was an earlier turn's: dropped |
 * | busy    | idle                      | idle    |        |
 * | idle    | busy                      | busy    |        |
 * | any     | error                     | same    | the first one is kept |
 *
 * Not every idle is the end: who drives the machine asks OpenCode whether tools still run, and waits for the next one.
 */
export type TurnPhase = "sent" | "failing" | "busy" | "idle";

export interface TurnState {
  phase: TurnPhase;
  error: OpenCodeError | undefined;
  aborted: boolean;
}

export const TURN_START: TurnState = { phase: "sent", error: undefined, aborted: false };

function toBusy(state: TurnState): TurnState {
  if (state.phase === "busy") return state;
  // An error from before our own busy was the last word on an earlier turn.
  return { ...state, phase: "busy", error: state.phase === "failing" ? undefined : state.error };
}

function withError(state: TurnState, error: OpenCodeError): TurnState {
  if (error.name === "MessageAbortedError") return { ...state, aborted: true };
  // The first error says what failed; what follows it repeats it with a stack trace.
  return { ...state, error: state.error ?? error, phase: state.phase === "sent" ? "failing" : state.phase };
}

function onMessage(state: TurnState, info: MessageInfo, messageId: string): TurnState {
  if (info.role !== "assistant" || info.parentID !== messageId) return state;
  const next = state.phase === "sent" ? toBusy(state) : state;
  return info.error ? withError(next, info.error) : next;
}

/** The turn's state after an event. `session` is OpenCode's, `messageId` that of the turn's prompt. Pure. */
export function decideTurn(
  state: TurnState,
  event: OpenCodeEvent,
  turn: { session: string; messageId: string },
): TurnState {
  switch (event.type) {
    case "session.status": {
      if (event.properties.sessionID !== turn.session) return state;
      if (event.properties.status.type !== "idle") return toBusy(state);
      return state.phase === "sent" ? state : { ...state, phase: "idle" };
    }
    case "session.idle":
      return event.properties.sessionID !== turn.session || state.phase === "sent"
        ? state
        : { ...state, phase: "idle" };
    case "session.error": {
      const { sessionID, error } = event.properties;
      return sessionID === turn.session && error ? withError(state, error) : state;
    }
    case "message.updated":
      return event.properties.info.sessionID === turn.session
        ? onMessage(state, event.properties.info, turn.messageId)
        : state;
    default:
      return state;
  }
}
