import type { ReportBody, SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import { createSignal } from "../lib/signal.ts";
import { createEventTranslator } from "../opencode/event-translator.ts";
import type { OpenCodeClient } from "../opencode/opencode-client.ts";
import type { Message, OpenCodeEvent } from "../opencode/opencode-events.ts";
import { fitOpenPart } from "../opencode/part-limits.ts";
import { decideTurn, TURN_START } from "../opencode/turn-machine.ts";
import type { AcceptedPrompt } from "./prompt-store.ts";
import { createTurnPublisher, type TurnPublisherDeps } from "./turn-publisher.ts";

/** Messages read from OpenCode's store to see how a turn stands: more than a turn makes between two looks. */
const MESSAGE_WINDOW = 200;
/** How long tools may take to close after the first idle of an abort. */
const CLOSING_MS = 3_000;
const LOOK_MS = 10_000;
/** A prompt that OpenCode took (204) and does not work on after this long will never be answered. */
const TAKE_UP_MS = 30_000;

export interface TurnDeps extends TurnPublisherDeps {
  session: string;
  prompt: AcceptedPrompt & { messageId: string };
  /** The working tree: paths in patches are relative to it. */
  tree: string;
  client: () => Promise<OpenCodeClient>;
}

const hasRunningTool = ({ parts }: Message) =>
  parts.some((part) => "state" in part && (part.state.status === "pending" || part.state.status === "running"));

/** One run of the agent, from the prompt's hand-over to its last idle: what OpenCode tells becomes frames and reports. */
export function createTurn(deps: TurnDeps) {
  const { session, prompt, limits, tree, client, report } = deps;
  const { promptId, turnId, messageId } = prompt;
  const translator = createEventTranslator({
    sessionId: session,
    tree,
    openOutputLimit: limits.openOutputBytes,
    nowMs: Date.now,
  });
  const publisher = createTurnPublisher(deps);
  const signal = createSignal();
  const begunAt = Date.now();
  let state = TURN_START;
  let crash: string | undefined;
  let gap = false;
  let retryAttempt = 0;
  let idleSince: number | undefined;
  /** OpenCode's ids of the messages that joined, oldest first. */
  const joined = prompt.steered?.map((steered) => steered.messageId) ?? [];
  let joinedAt = 0;
  let joining = 0;
  let over = false;

  function onRetry(event: OpenCodeEvent): void {
    if (event.type !== "session.status" || event.properties.sessionID !== session) return;
    const { status } = event.properties;
    if (status.type !== "retry" || status.attempt === retryAttempt) return;
    retryAttempt = status.attempt;
    const body: ReportBody = {
      kind: "retry.scheduled",
      promptId,
      turnId,
      attempt: status.attempt,
      message: status.message.slice(0, 4000),
      nextAt: new Date(Math.min(Math.max(status.next, 0), 8.64e15)).toISOString(),
    };
    report(body);
  }

  /** The messages of this turn as OpenCode's store has them. */
  async function readMessages(): Promise<Message[]> {
    const messages = await (await client()).listMessages(session, MESSAGE_WINDOW);
    const ours = new Set<string | undefined>([messageId, ...joined]);
    return messages.filter(({ info }) => ours.has(info.parentID));
  }

  /** What joined last is still to be answered; an abort or an error ends it as it ends the rest. */
  function awaitsAnswer(messages: readonly Message[]): boolean {
    const last = joined.at(-1);
    if (last === undefined || state.aborted || state.error) return false;
    return !messages.some(
      ({ info }) => info.parentID === last && (info.time.completed !== undefined || info.error !== undefined),
    );
  }

  async function reconcile(): Promise<void> {
    for (const output of translator.reconcile(await readMessages())) publisher.publish(output);
  }

  async function hasEnded(): Promise<boolean> {
    if (gap) {
      gap = false;
      await reconcile();
    }
    if (await (await client()).isBusy(session)) {
      idleSince = undefined;
      return false;
    }
    const messages = await readMessages();
    if (awaitsAnswer(messages)) {
      if (Date.now() - joinedAt < TAKE_UP_MS) return false;
      crash ??= "The agent did not take up a prompt that joined the turn.";
      return true;
    }
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
      for (const output of translator.accept(event)) publisher.publish(output);
      onRetry(event);
      state = decideTurn(state, event, { session, messageId });
      if (state.phase === "idle") signal.notify();
    },
    /** Events may have been missed: look at what OpenCode's store says. */
    onGap(): void {
      gap = true;
      signal.notify();
    },
    /** The agent's process ended: nothing of this turn goes on. */
    onCrash(reason: string): void {
      crash ??= reason;
      signal.notify();
    },
    /** Resolves when the agent has stopped working on the prompt, or its process has gone. */
    async ended(): Promise<void> {
      while (crash === undefined) {
        await signal.wait(state.phase === "idle" ? 300 : LOOK_MS);
        if (crash !== undefined) break;
        if ((await hasEnded().catch(() => false)) && joining === 0) break;
      }
      over = true;
    },
    isOver: (): boolean => over,
    /**
     * Hands another prompt to the agent while the turn runs: the turn ends only after that one is answered too.
     * `handOver` answers OpenCode's message id. Does nothing once the turn is over.
     */
    async join(handOver: () => Promise<string | undefined>): Promise<void> {
      if (over || crash !== undefined) return;
      joining += 1;
      try {
        const id = await handOver();
        if (id === undefined) return;
        joined.push(id);
        joinedAt = Date.now();
      } finally {
        joining -= 1;
        signal.notify();
      }
    },
    /** Settles what is open, from OpenCode's own store where it has more than the events brought. */
    async settle(): Promise<void> {
      await reconcile().catch(() => undefined);
      for (const output of translator.settleAll()) publisher.publish(output);
      publisher.close();
      await publisher.flushed();
    },
    openFrames: (): SupervisorFrame[] =>
      translator.openParts().map((part) => ({ type: "part", promptId, part: fitOpenPart(part) })),
    end: () => ({ aborted: state.aborted, error: state.error, crash }),
  };
}

export type Turn = ReturnType<typeof createTurn>;
