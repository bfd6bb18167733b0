import type { TurnId } from "@background-agents/shared/ids";
import type {
  HubFrame,
  ReportBody,
  SandboxSpec,
  SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import type { Agent } from "../opencode/agent.ts";
import { mintMessageId } from "../opencode/message-id.ts";
import type { OpenCodeClient } from "../opencode/opencode-client.ts";
import type { OpenCodeEvent } from "../opencode/opencode-events.ts";
import type { BlobOutbox } from "./blob-outbox.ts";
import type { AcceptedPrompt, PromptStore } from "./prompt-store.ts";
import type { TurnSaver } from "./save-turn.ts";
import { createTurn, type Turn } from "./turn.ts";
import { decideOutcome, type TurnEnd } from "./turn-outcome.ts";

/** How long the agent has to obey an abort before its process is ended. */
const ABORT_MS = 10_000;

type DeliverOrder = Extract<HubFrame, { type: "prompt.deliver" }>;

export interface TurnRunnerDeps {
  spec: SandboxSpec;
  agent: Agent;
  session: () => Promise<string>;
  prompts: PromptStore;
  save: TurnSaver;
  report: (body: ReportBody) => void;
  send: (frame: SupervisorFrame) => void;
  blobs: BlobOutbox;
  abortMs?: number;
}

/** Runs prompts one after the other: accepts, hands over, follows to the end, saves. A prompt delivered twice runs once. */
export function createTurnRunner(deps: TurnRunnerDeps) {
  const { spec, agent, session, prompts, save, report, send, blobs, abortMs = ABORT_MS } = deps;
  let turn: Turn | undefined;
  let stopping: TurnId | undefined;
  let last: Promise<void> = Promise.resolve();

  async function handOver(client: OpenCodeClient, accepted: AcceptedPrompt): Promise<Turn> {
    const id = await session();
    const before = await client.listMessages(id, 20);
    const messageId = mintMessageId(
      before.map(({ info }) => info.id),
      Date.now(),
    );
    const prompt = { ...accepted, messageId };
    // The mapping is on disk before OpenCode has the prompt: after a crash we know what to look for.
    await prompts.recordOpen(prompt);
    const current = createTurn({ session: id, prompt, limits: spec.limits, client: agent.ready, report, send, blobs });
    turn = current;
    const { text, model, effort } = accepted;
    await client.prompt(id, { messageID: messageId, text, model, ...(effort ? { variant: effort } : {}) });
    return current;
  }

  async function finish(accepted: AcceptedPrompt, end: TurnEnd): Promise<void> {
    const { promptId, turnId, text, startedAtMs } = accepted;
    report({ kind: "turn.saving", promptId, turnId });
    const saved = await save({ promptId, turnId, promptText: text });
    const durationMs = Math.max(0, Date.now() - startedAtMs);
    report({ kind: "turn.ended", promptId, turnId, ...decideOutcome(end), ...saved, durationMs });
    await prompts.recordEnded(promptId);
  }

  async function run(accepted: AcceptedPrompt): Promise<void> {
    const { promptId, turnId } = accepted;
    const isStopped = () => stopping === turnId;
    let end: Omit<TurnEnd, "stopRequested"> = { aborted: false, crash: undefined, error: undefined };
    try {
      const client = await agent.ready();
      if (!isStopped()) {
        const current = await handOver(client, accepted);
        report({ kind: "turn.started", promptId, turnId, messageId: current.prompt.messageId });
        await current.ended();
        await current.settle();
        end = current.end();
      }
    } catch (error) {
      end = { ...end, crash: `The prompt could not be handed to the agent: ${String(error)}` };
    } finally {
      turn = undefined;
    }
    await finish(accepted, { ...end, stopRequested: isStopped() });
  }

  /** A turn that was under way when the supervisor or the container ended. */
  async function recover(open: AcceptedPrompt): Promise<void> {
    const { messageId } = open;
    const client = await agent.ready();
    const id = await session();
    if (messageId === undefined || !(await client.hasMessage(id, messageId))) return run(open);
    const prompt = { ...open, messageId };
    const left = createTurn({ session: id, prompt, limits: spec.limits, client: agent.ready, report, send, blobs });
    await left.settle();
    return finish(open, { stopRequested: true, aborted: true, crash: undefined, error: undefined });
  }

  function enqueue(task: () => Promise<void>): void {
    last = last.then(task).catch((error: unknown) => {
      report({ kind: "notice", level: "error", code: "agent.failed", message: String(error).slice(0, 4000) });
    });
  }

  return {
    /** Takes a prompt; delivered again, while it runs or after it ended, it changes nothing. */
    async deliver({ promptId, turnId, text, model, effort }: DeliverOrder): Promise<void> {
      if (prompts.isKnown(promptId)) return;
      const accepted = { promptId, turnId, text, model, startedAtMs: Date.now(), ...(effort ? { effort } : {}) };
      await prompts.recordOpen(accepted);
      enqueue(() => run(accepted));
    },
    /** Ends the turn that an earlier run of the supervisor left open. */
    resume(): void {
      const open = prompts.open();
      if (open) enqueue(() => recover(open));
    },
    /** Interrupts a turn: OpenCode's abort first, then the end of its process. */
    async stop(turnId: TurnId): Promise<void> {
      stopping = turnId;
      const current = turn;
      if (!current || current.prompt.turnId !== turnId) return;
      const client = await agent.ready();
      await client.abort(await session()).catch(() => undefined);
      setTimeout(() => {
        if (turn === current) void agent.kill();
      }, abortMs).unref();
    },
    openTurnId: (): TurnId | undefined => prompts.open()?.turnId,
    accept: (event: OpenCodeEvent): void => turn?.accept(event),
    onGap: (): void => turn?.onGap(),
    onCrash: (reason: string): void => turn?.onCrash(reason),
    openFrames: (): SupervisorFrame[] => turn?.openFrames() ?? [],
    /** Resolves when no turn is under way. */
    settled: (): Promise<void> => last,
  };
}

export type TurnRunner = ReturnType<typeof createTurnRunner>;
