import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { HubFrame, ReportBody, SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { Agent } from "../opencode/agent.ts";
import type { TurnConfiguration } from "../opencode/agent-configuration.ts";
import { mintMessageId } from "../opencode/message-id.ts";
import type { OpenCodeEvent } from "../opencode/opencode-events.ts";
import { type AnswerOrder, createAsking } from "./asking.ts";
import type { GoBack, RestoreOrder } from "./go-back.ts";
import type { LiveWork } from "./live-work.ts";
import type { AcceptedPrompt, PromptStore } from "./prompt-store.ts";
import type { TurnSaver } from "./save-turn.ts";
import { createSteering, type SteerOrder } from "./steering.ts";
import { createTurn, type Turn, type TurnDeps } from "./turn.ts";
import { decideOutcome, type TurnEnd } from "./turn-outcome.ts";

type DeliverOrder = Extract<HubFrame, { type: "prompt.deliver" }>;

export interface TurnRunnerDeps extends Omit<TurnDeps, "session" | "prompt" | "client" | "report" | "onRunningTools"> {
  agent: Agent;
  session: () => Promise<string>;
  prompts: PromptStore;
  save: TurnSaver;
  goBack: GoBack;
  live: Pick<LiveWork, "begin" | "end" | "onRunning">;
  report: (body: ReportBody) => void;
  /** How long the agent has to obey an abort before its process is ended. */
  abortMs: number;
  /** Sees to it that the agent runs with a turn's permissions, and knows its provider. */
  configure: (wanted: TurnConfiguration) => Promise<void>;
  /** What is to be done after a turn before the next one begins. */
  betweenTurns: () => Promise<void>;
  nowMs: () => number;
}

/** Runs prompts one after the other: accepts, hands over, follows to the end, saves. A prompt delivered twice runs once. */
export function createTurnRunner(deps: TurnRunnerDeps) {
  const { agent, session, prompts, save, goBack, live, report, abortMs, configure, betweenTurns, nowMs, ...rest } =
    deps;
  const ofTurn = { ...rest, onRunningTools: (names: readonly string[]) => live.onRunning(names) };
  const accepted = new Set<PromptId>();
  const stopped = new Set<TurnId>();
  let turn: Turn | undefined;
  let last: Promise<void> = Promise.resolve();
  /** Why the workspace is not in the state that the user chose; no prompt is worked on then. */
  let astray: string | undefined;
  const client = () => agent.ready();
  const asking = createAsking({ client, prompt: () => turn?.prompt, report });
  const steering = createSteering({ client, session, prompts, report, nowMs });

  /** OpenCode's abort first, then the end of its process. */
  async function interrupt(current: Turn, patienceMs: number): Promise<void> {
    const askedAt = Date.now();
    setTimeout(() => {
      if (turn !== current || current.isOver()) return;
      const { promptId, turnId } = current.prompt;
      report({ kind: "stop.escalated", promptId, turnId, step: "restart-agent", afterMs: Date.now() - askedAt });
      void agent.kill();
    }, patienceMs).unref();
    try {
      await (await agent.ready()).abort(await session());
    } catch {
      // The process ended meanwhile, and the turn with it.
    }
  }

  async function begin(prompt: AcceptedPrompt): Promise<Turn> {
    const { permission, provider } = prompt;
    await configure({
      permission,
      ...(provider && { provider: { id: prompt.model.providerID, configuration: provider } }),
    });
    const api = await client();
    const id = await session();
    const before = await api.listMessages(id, 20);
    const messageId = mintMessageId(
      before.map(({ info }) => info.id),
      nowMs(),
    );
    const minted = { ...prompt, messageId };
    // The mapping is on disk before OpenCode has the prompt: after a crash we know what to look for.
    await prompts.recordOpen(minted);
    const current = createTurn({ ...ofTurn, report, session: id, prompt: minted, client });
    turn = current;
    const { text, model, effort } = prompt;
    await api.prompt(id, { messageID: messageId, text, model, ...(effort ? { variant: effort } : {}) });
    return current;
  }

  async function finish(prompt: AcceptedPrompt, end: Omit<TurnEnd, "stopRequested">): Promise<void> {
    const { promptId, turnId, text, startedAtMs } = prompt;
    await steering.settle(turnId);
    report({ kind: "turn.saving", promptId, turnId });
    const saved = await save({ promptId, turnId, promptText: text });
    const durationMs = Math.max(0, nowMs() - startedAtMs);
    const outcome = decideOutcome({ ...end, stopRequested: stopped.has(turnId) });
    report({ kind: "turn.ended", promptId, turnId, ...outcome, ...saved, durationMs });
    await prompts.recordEnded(promptId);
    stopped.delete(turnId);
    accepted.delete(promptId);
    await betweenTurns();
  }

  async function followBack(order: RestoreOrder): Promise<void> {
    try {
      await goBack(order);
      astray = undefined;
    } catch (error) {
      astray = (error instanceof Error ? error.message : String(error)).slice(0, 3000);
      report({ kind: "work.restored", generation: order.generation, error: astray });
    }
  }

  /** Ends a prompt unworked, and saves nothing: the tree holds what the user went back from. */
  async function refuse({ promptId, turnId }: AcceptedPrompt, why: string): Promise<void> {
    const message = `The sandbox is not in the state that you chose, so the agent did not begin: ${why}`;
    const error = { code: "work.restore-failed", message };
    report({ kind: "turn.ended", promptId, turnId, outcome: "failed", error, durationMs: 0 });
    await prompts.recordEnded(promptId);
    accepted.delete(promptId);
  }

  async function run(prompt: AcceptedPrompt): Promise<void> {
    const { promptId, turnId } = prompt;
    if (astray !== undefined) return refuse(prompt, astray);
    let end: Omit<TurnEnd, "stopRequested"> = { aborted: false, crash: undefined, error: undefined };
    await prompts.recordOpen(prompt);
    try {
      if (!stopped.has(turnId)) {
        live.begin(turnId);
        const current = await begin(prompt);
        report({ kind: "turn.started", promptId, turnId, messageId: current.prompt.messageId });
        if (stopped.has(turnId)) await interrupt(current, abortMs);
        await current.ended();
        await current.settle();
        end = current.end();
      }
    } catch (error) {
      end = { ...end, crash: `The prompt could not be handed to the agent: ${String(error)}` };
    } finally {
      turn = undefined;
      live.end();
    }
    await finish(prompt, end);
  }

  /** A turn that was under way when the supervisor or the container ended. */
  async function recover(open: AcceptedPrompt): Promise<void> {
    const { messageId } = open;
    const id = await session();
    if (messageId === undefined || !(await (await client()).hasMessage(id, messageId))) return run(open);
    const prompt = { ...open, messageId };
    const left = createTurn({ ...ofTurn, report, session: id, prompt, client });
    await left.settle();
    return finish(open, { aborted: true, crash: undefined, error: undefined });
  }

  function enqueue(task: () => Promise<void>): void {
    last = last.then(task).catch((error: unknown) => {
      report({ kind: "notice", level: "error", code: "agent.failed", message: String(error).slice(0, 4000) });
    });
  }

  return {
    /** Takes a prompt; delivered again, while it runs or after it ended, it changes nothing. */
    deliver({ promptId, turnId, text, model, effort, permission, provider }: DeliverOrder): void {
      if (accepted.has(promptId) || prompts.isKnown(promptId)) return;
      accepted.add(promptId);
      const options = { ...(effort && { effort }), ...(permission && { permission }), ...(provider && { provider }) };
      const prompt = { promptId, turnId, text, model, startedAtMs: nowMs(), ...options };
      enqueue(() => run(prompt));
    },
    /** Goes to the state that the user brought the work to, before the prompts that come after it. */
    restore: (order: RestoreOrder): void => enqueue(() => followBack(order)),
    /** Does something between two turns. */
    between: (task: () => Promise<void>): void => enqueue(task),
    /** Ends the turn that an earlier run of the supervisor left open. */
    resume(): void {
      const open = prompts.open();
      if (open) enqueue(() => recover(open));
    },
    async stop(turnId: TurnId, patienceMs: number = abortMs): Promise<void> {
      stopped.add(turnId);
      if (turn?.prompt.turnId === turnId) await interrupt(turn, patienceMs);
    },
    openTurnId: (): TurnId | undefined => prompts.open()?.turnId,
    /** Puts a prompt into the turn that runs; where that one ended, or is told to stop, nothing happens. */
    steer(order: SteerOrder): void {
      if (turn?.prompt.turnId === order.turnId && !stopped.has(order.turnId)) steering.steer(turn, order);
    },
    /** Brings the user's answer to what the agent asked. */
    answer: (order: AnswerOrder): void => asking.answer(order),
    /** Asks again what the agent still waits for: the server may be a new one. */
    askAgain: (): void => void asking.repeat().catch(() => undefined),
    accept(event: OpenCodeEvent): void {
      turn?.accept(event);
      asking.accept(event);
    },
    onGap(): void {
      turn?.onGap();
      void asking.repeat().catch(() => undefined);
    },
    /** The agent's process ended: the turn that was under way has failed. */
    onCrash: (reason: string): void => turn?.onCrash(reason),
    openFrames: (): SupervisorFrame[] => turn?.openFrames() ?? [],
    /** Resolves when no turn is under way. */
    settled: (): Promise<void> => last,
  };
}

export type TurnRunner = ReturnType<typeof createTurnRunner>;
