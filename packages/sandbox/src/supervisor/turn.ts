import type { SupervisorFrame, ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { createSignal } from "../lib/signal.ts";
import { createEventTranslator, type TurnOutput } from "../opencode/event-translator.ts";
import type { OpenCodeClient } from "../opencode/opencode-client.ts";
import type { Message, OpenCodeEvent } from "../opencode/opencode-events.ts";
import { decideTurn, TURN_START } from "../opencode/turn-machine.ts";
import type { BlobOutbox } from "./blob-outbox.ts";
import { separateLargeOutput } from "./large-output.ts";
import { createPartPublisher } from "./part-publisher.ts";
import type { AcceptedPrompt } from "./prompt-store.ts";

/** Messages read from OpenCode's store to see how a turn stands: more than a turn makes between two looks. */
const MESSAGE_WINDOW = 200;
/** How long tools may take to close after the first idle of an abort. */
const CLOSING_MS = 3_000;
const LOOK_MS = 10_000;
/** A prompt that OpenCode took (204) and does not work on after this long will never be answered. */
const TAKE_UP_MS = 30_000;

export interface TurnDeps {
  session: string;
  prompt: AcceptedPrompt & { messageId: string };
  limits: SandboxSpec["limits"];
  client: () => Promise<OpenCodeClient>;
  report: (body: ReportBody) => void;
  send: (frame: SupervisorFrame) => void;
  blobs: BlobOutbox;
}

const hasRunningTool = ({ parts }: Message) =>
  parts.some((part) => "state" in part && (part.state.status === "pending" || part.state.status === "running"));

/** One run of the agent, from the prompt's hand-over to its last idle: what OpenCode tells becomes frames and reports. */
export function createTurn({ session, prompt, limits, client, report, send, blobs }: TurnDeps) {
  const { promptId, turnId, messageId } = prompt;
  const translator = createEventTranslator({
    sessionId: session,
    openOutputLimit: limits.openOutputBytes,
    nowMs: Date.now,
  });
  const publisher = createPartPublisher({ promptId, send });
  const signal = createSignal();
  let state = TURN_START;
  let crash: string | undefined;
  let retryAttempt = 0;
  let idleSince: number | undefined;
  const begunAt = Date.now();

  function publish(output: TurnOutput): void {
    switch (output.kind) {
      case "open":
        return publisher.open(output.part);
      case "delta":
        return publisher.delta(output.partId, output.offset, output.text);
      case "todos":
        return report({ kind: "todo.updated", promptId, turnId, todos: output.todos });
      case "settled": {
        publisher.drop(output.part.partId);
        const { part, blob } = separateLargeOutput(output.part, limits.settledOutputBytes);
        report({ kind: "part.settled", promptId, turnId, part });
        if (blob) void blobs.add(blob).catch(() => undefined);
        return undefined;
      }
    }
  }

  function onRetry(event: OpenCodeEvent): void {
    if (event.type !== "session.status" || event.properties.sessionID !== session) return;
    const { status } = event.properties;
    if (status.type !== "retry" || status.attempt === retryAttempt) return;
    retryAttempt = status.attempt;
    const nextAt = new Date(status.next).toISOString();
    report({
      kind: "retry.scheduled",
      promptId,
      turnId,
      attempt: status.attempt,
      message: status.message.slice(0, 4000),
      nextAt,
    });
  }

  /** The messages of this turn as OpenCode's store has them. */
  async function readMessages(): Promise<Message[]> {
    const messages = await (await client()).listMessages(session, MESSAGE_WINDOW);
    return messages.filter(({ info }) => info.parentID === messageId);
  }

  async function hasEnded(): Promise<boolean> {
    if (await (await client()).isBusy(session)) {
      idleSince = undefined;
      return false;
    }
    const messages = await readMessages();
    if (state.phase !== "idle") {
      // Its events were missed, or it never began.
      const last = messages.at(-1)?.info;
      if (last) return last.time.completed !== undefined || last.error !== undefined;
      if (Date.now() - begunAt < TAKE_UP_MS) return false;
      crash ??= "The agent did not take up the prompt.";
      return true;
    }
    idleSince ??= Date.now();
    return !messages.some(hasRunningTool) || Date.now() - idleSince > CLOSING_MS;
  }

  return {
    prompt,
    accept(event: OpenCodeEvent): void {
      for (const output of translator.accept(event)) publish(output);
      onRetry(event);
      state = decideTurn(state, event, { session, messageId });
      if (state.phase === "idle") signal.notify();
    },
    /** Events may have been missed: look at what OpenCode's store says. */
    onGap: () => signal.notify(),
    /** The agent's process ended: nothing of this turn goes on. */
    onCrash(reason: string): void {
      crash ??= reason;
      signal.notify();
    },
    /** Resolves when the agent has stopped working on the prompt, or its process has gone. */
    async ended(): Promise<void> {
      while (crash === undefined) {
        await signal.wait(state.phase === "idle" ? 500 : LOOK_MS);
        if (crash !== undefined || (await hasEnded().catch(() => false))) return;
      }
    },
    /** Settles what is open, from OpenCode's own store where it has more than the events brought. */
    async settle(): Promise<void> {
      const messages = await readMessages().catch(() => []);
      for (const output of translator.reconcile(messages)) publish(output);
      for (const output of translator.settleAll()) publish(output);
      publisher.close();
    },
    openFrames: (): SupervisorFrame[] => translator.openParts().map((part) => ({ type: "part", promptId, part })),
    end: () => ({ aborted: state.aborted, error: state.error, crash }),
  };
}

export type Turn = ReturnType<typeof createTurn>;
