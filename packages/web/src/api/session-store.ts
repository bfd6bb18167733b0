import { newId, type PromptId, type SessionId } from "@background-agents/shared/ids";
import type { SessionEventType } from "@background-agents/shared/protocol/session-events";
import type { PromptMode } from "@background-agents/shared/sessions/session";
import type { TurnPrompt } from "@background-agents/shared/sessions/timeline";
import { createStore, type StoreApi } from "zustand";
import { createFrameQueue } from "./frame-queue.ts";
import { createLostAnswers } from "./lost-answers.ts";
import { type Connection, openLiveSocket } from "./live-socket.ts";
import { ReceivedFrame, seqOf } from "./received-frame.ts";
import { applyFrames, EMPTY_SESSION_STATE, type SessionState } from "./session-state.ts";
import { sendPrompt } from "./sessions-client.ts";

export interface LiveSession extends SessionState {
  connection: Connection;
  /** Prompts on their way to the server, shown at once. */
  unconfirmed: TurnPrompt[];
}

export interface SessionStore extends StoreApi<LiveSession> {
  sessionId: SessionId;
  /** Keeps the session live until the returned function is called. */
  connect(): () => void;
  /**
   * Sends a prompt and shows it at once; takes it back and throws AppError where the server refuses it. Where
   * its answer got lost, the same prompt sent next is the same prompt.
   */
  send(text: string, mode?: PromptMode): Promise<void>;
}

const PROMPT_ENDS: ReadonlySet<SessionEventType> = new Set([
  "prompt.completed",
  "prompt.failed",
  "prompt.interrupted",
  "prompt.cancelled",
]);

const KEPT_STORES = 8;
const stores = new Map<SessionId, SessionStore>();

/** The store of a session. The last few stay, so that going back to a session shows it at once. */
export function sessionStore(sessionId: SessionId): SessionStore {
  const store = stores.get(sessionId) ?? createSessionStore(sessionId);
  stores.delete(sessionId);
  stores.set(sessionId, store);
  const oldest = stores.keys().next().value;
  if (stores.size > KEPT_STORES && oldest) stores.delete(oldest);
  return store;
}

export function createSessionStore(sessionId: SessionId): SessionStore {
  const store = createStore<LiveSession>(() => ({ ...EMPTY_SESSION_STATE, connection: "connecting", unconfirmed: [] }));

  function connect(): () => void {
    let held: ReceivedFrame[] = [];
    const queue = createFrameQueue<ReceivedFrame>((frames) => {
      held.push(...frames);
      if (store.getState().snapshotSeq === null && !isWhole(held)) return;
      const batch = held;
      held = [];
      store.setState((state) => applyFrames(state, batch));
      if (store.getState().needsResync) {
        store.setState({ needsResync: false });
        socket.restart();
      }
    });
    const socket = openLiveSocket({
      path: () => `/api/sessions/${sessionId}/socket?after=${store.getState().lastSeq}`,
      frame: ReceivedFrame,
      onFrame: queue.push,
      onConnection: (connection) => {
        // What a former connection still had queued is in the next one's snapshot and events.
        if (connection !== "live") {
          queue.clear();
          held = [];
        }
        store.setState({ connection });
      },
    });
    return () => {
      queue.clear();
      socket.close();
    };
  }

  const withSameId = createLostAnswers<PromptId>({
    makeIds: () => newId("prompt"),
    isOver: (id) => store.getState().events.some((event) => event.promptId === id && PROMPT_ENDS.has(event.type)),
  });

  async function send(text: string, mode: PromptMode = "queue"): Promise<void> {
    const session = store.getState().session;
    if (!session) return;
    const { model, effort } = session;
    await withSameId({ text, mode }, async (id) => {
      const prompt: TurnPrompt = { id, text, mode, model, effort, at: new Date().toISOString() };
      const isThis = (other: { id: PromptId }) => other.id === id;
      store.setState(({ unconfirmed }) => ({ unconfirmed: [...unconfirmed.filter((one) => !isThis(one)), prompt] }));
      try {
        await sendPrompt(sessionId, { id, text, mode });
      } catch (error) {
        store.setState(({ unconfirmed }) => ({ unconfirmed: unconfirmed.filter((one) => !isThis(one)) }));
        throw error;
      }
    });
  }

  return Object.assign(store, { sessionId, connect, send });
}

/** Whether a first load has come to where the server was: a long history is shown at once, not in pieces. */
function isWhole(frames: readonly ReceivedFrame[]): boolean {
  const snapshot = frames.findLast((frame) => frame.type === "snapshot");
  const last = frames.findLast((frame) => seqOf(frame) !== null);
  return snapshot !== undefined && ((last && seqOf(last)) ?? 0) >= snapshot.lastSeq;
}
