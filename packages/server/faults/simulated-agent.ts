import { setTimeout as pause } from "node:timers/promises";
import { newId, type BootId, type PromptId, type TurnId } from "@background-agents/shared/ids";
import type { HubFrame, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { OpenPart } from "@background-agents/shared/sessions/part";
import { readPlan, type AgentPlan } from "./agent-plan.ts";
import type { Ledger, Run } from "./ledger.ts";
import type { Random } from "./random.ts";
import { createSimulatedAsking } from "./simulated-asking.ts";
import { callModel } from "./simulated-model-call.ts";
import { startSimulatedSupervisor, type SimulatedSupervisor } from "./simulated-supervisor.ts";
import { keep, recoverTurn, tellAgain, type VolumeMemory } from "./volume-memory.ts";
import { commitFile, ensureTree } from "./workspace-git.ts";

type Steer = Extract<HubFrame, { type: "prompt.steer" }>;
type Deliver = Extract<HubFrame, { type: "prompt.deliver" }>;

/** OpenCode waits longer; what matters here is that it asks again. */
const MODEL_RETRY_MS = 40;

export interface SimulatedSandbox {
  supervisor: SimulatedSupervisor;
  /** The turn's work is committed, and on its way to the server. */
  readonly uploading: boolean;
  /** Ends the agent in the middle of what it does, as the end of its container does. */
  close(): void;
}

/** Supervisor and agent of one container: boots, answers each delivered prompt once, and writes down what it did. */
export function startSimulatedSandbox(deps: {
  boot: BootId;
  hubDirectory: string;
  mirrorPath: string;
  volume: string;
  memory: VolumeMemory;
  ledger: Ledger;
  random: Random;
}): SimulatedSandbox {
  const { ledger, random, memory } = deps;
  const delivered = new Set<PromptId>();
  const stopped = new Set<TurnId>();
  /** The run that still takes steering prompts. */
  let running: Run | undefined;
  /** The run whose turn has not ended. */
  let current: Run | undefined;
  let uploading = false;
  let open: { promptId: PromptId; part: OpenPart } | undefined;
  let ready: Promise<{ tree: string; spec: SandboxSpec }> | undefined;

  const boot = async (spec: SandboxSpec): Promise<{ tree: string; spec: SandboxSpec }> => {
    supervisor.report({ kind: "boot.phase", phase: "clone" });
    const { volume, mirrorPath } = deps;
    const fetchRestore = (): Promise<Buffer | undefined> => supervisor.download("/restore/bundle");
    const tree = await ensureTree({ volume, mirrorPath, spec, fetchRestore });
    supervisor.report({ kind: "boot.phase", phase: "agent" });
    supervisor.report({ kind: "boot.ready", opencodeVersion: "simulated", bootMs: 1 });
    recoverTurn(memory, supervisor);
    return { tree, spec };
  };

  const supervisor = startSimulatedSupervisor({
    boot: deps.boot,
    hubDirectory: deps.hubDirectory,
    onWelcome(spec) {
      ready ??= boot(spec);
      // After a reconnect the open part is told anew, from the agent's own memory.
      if (open) supervisor.tell({ type: "part", promptId: open.promptId, part: open.part });
      asking.repeat();
    },
    onOrder(frame) {
      if (frame.type === "turn.stop") stopped.add(frame.turnId);
      if (frame.type === "prompt.steer") steer(frame);
      asking.onOrder(frame);
      if (frame.type !== "prompt.deliver" || delivered.has(frame.promptId)) return;
      delivered.add(frame.promptId);
      void turn(frame);
    },
  });

  tellAgain(memory, supervisor);
  const asking = createSimulatedAsking(supervisor);

  /** Takes a prompt into the turn that runs; one that comes too late is left to the server. */
  function steer({ promptId, turnId }: Steer): void {
    if (running?.turnId !== turnId || delivered.has(promptId)) return;
    delivered.add(promptId);
    running.steered.push(promptId);
    supervisor.report({ kind: "prompt.steered", promptId, turnId, messageId: `msg_${promptId}` });
  }

  /** Asks the model until it answered whole, as OpenCode does; answers its text. */
  async function hearModel(run: Run, show: (text: string) => void): Promise<string> {
    while (!supervisor.closed && !stopped.has(run.turnId)) {
      show("");
      let text = "";
      const outcome = await callModel(supervisor.hub, (more) => show((text += more)));
      run.calls.push(
        outcome.kind === "refused" ? `${outcome.status} ${outcome.retryAfter ?? ""}`.trim() : outcome.kind,
      );
      if ("text" in outcome) return outcome.text;
      await pause(MODEL_RETRY_MS);
    }
    return "";
  }

  /** One part, streamed and settled. Answers false where the turn is to end. */
  async function speak(run: Run, plan: AgentPlan): Promise<boolean> {
    const { promptId, turnId } = run;
    const partId = `${turnId}-part-${run.parts.length}`;
    const index = run.parts.length;
    let part: OpenPart = { partId, kind: "text", index, text: "", rev: 0 };
    open = { promptId, part };
    supervisor.tell({ type: "part", promptId, part });
    if (plan.model) {
      const text = await hearModel(run, (text) => {
        part = { ...part, text, rev: part.rev + 1 };
        open = { promptId, part };
        supervisor.tell({ type: "part", promptId, part });
      });
      part = { ...part, text };
    }
    for (let place = 0; !plan.model && place < plan.deltas && !supervisor.closed && !stopped.has(turnId); place++) {
      const text = random.words(plan.characters);
      supervisor.tell({ type: "delta", promptId, partId, offset: part.text.length, text });
      part = { ...part, text: part.text + text };
      open = { promptId, part };
      if (plan.paceMs > 0) await pause(plan.paceMs);
    }
    open = undefined;
    if (supervisor.closed) return false;
    run.parts.push({ partId, text: part.text });
    supervisor.report({
      kind: "part.settled",
      promptId,
      turnId,
      part: { partId, kind: "text", index, text: part.text },
    });
    return !stopped.has(turnId);
  }

  /** Commits and uploads as the plan says; answers what the end of the turn tells of it. */
  async function save(run: Run, plan: AgentPlan) {
    if (plan.save === "nothing" || !ready) return {};
    const { promptId, turnId } = run;
    supervisor.report({ kind: "turn.saving", promptId, turnId });
    const { tree, spec } = await ready;
    const file = { path: `${promptId}.txt`, content: `${random.words(60)}\n` };
    const { commit, bundle } = await commitFile(tree, spec, file);
    const id = newId("checkpoint");
    const announced = plan.save === "hostile" ? "0123456789".repeat(4) : commit;
    const query = new URLSearchParams({ turn: turnId, prompt: promptId, commit: announced });
    uploading = true;
    const refused = await supervisor.upload(`/bundle/${id}?${query.toString()}`, bundle);
    if (refused !== undefined) return { saveError: refused.slice(0, 4000) };
    run.checkpoint = { id, commit, ...file };
    return { checkpointId: id };
  }

  async function turn({ promptId, turnId, text }: Deliver): Promise<void> {
    const plan = readPlan(text);
    const { sessionId } = (await ready)?.spec ?? {};
    if (!sessionId) return;
    const run: Run = {
      sessionId,
      boot: deps.boot,
      promptId,
      turnId,
      parts: [],
      unfinished: undefined,
      retold: false,
      asked: [],
      steered: [],
      calls: [],
      checkpoint: undefined,
      outcome: undefined,
    };
    ledger.runs.push(run);
    supervisor.report({ kind: "turn.started", promptId, turnId, messageId: `msg_${run.turnId}` });
    running = run;
    current = run;
    while ((plan.endless || run.parts.length < plan.parts) && (await speak(run, plan))) {
      if (plan.asks && run.asked.length === 0) await asking.ask(run, plan.asks);
    }
    running = undefined;
    if (supervisor.closed) return;
    const saved = await save(run, plan);
    if (supervisor.closed) return;
    run.outcome = stopped.has(turnId) ? "interrupted" : "completed";
    supervisor.report({ kind: "turn.ended", promptId, turnId, outcome: run.outcome, durationMs: 1, ...saved });
    current = undefined;
  }

  return {
    supervisor,
    get uploading() {
      return uploading;
    },
    close() {
      if (supervisor.closed) return;
      if (current && open && open.part.text !== "") {
        current.unfinished = { partId: open.part.partId, text: open.part.text };
      }
      keep(memory, supervisor, current);
      supervisor.close();
    },
  };
}
