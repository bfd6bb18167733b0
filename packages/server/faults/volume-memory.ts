import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { Run } from "./ledger.ts";
import type { SimulatedSupervisor } from "./simulated-supervisor.ts";

/** What a session's volumes keep for its next container: the supervisor's spool, and the agent's own record of its turn. */
export interface VolumeMemory {
  spool: ReportBody[];
  /** The turn that its container ended in the middle of. */
  open: Run | undefined;
}

/** As the supervisor has it: of earlier boots only what was said of turns is told again. */
const OUTLIVES_BOOT = new Set<ReportBody["kind"]>(["turn.ended", "part.settled", "notice"]);

export function createVolumeMemory(): VolumeMemory {
  return { spool: [], open: undefined };
}

/** Keeps what a container that ends could not tell. */
export function keep(memory: VolumeMemory, supervisor: SimulatedSupervisor, running: Run | undefined): void {
  memory.spool = supervisor.listUnacked().filter(({ kind }) => OUTLIVES_BOOT.has(kind));
  memory.open = running ?? memory.open;
}

/** Tells, before anything else, what the container before could not. */
export function tellAgain(memory: VolumeMemory, supervisor: SimulatedSupervisor): void {
  for (const body of memory.spool.splice(0)) {
    supervisor.report(body);
  }
}

/** Ends the turn that the container before left open, as the supervisor does once its agent is there. */
export function recoverTurn(memory: VolumeMemory, supervisor: SimulatedSupervisor): void {
  const { open: run } = memory;
  if (!run) return;
  memory.open = undefined;
  const { promptId, turnId, unfinished } = run;
  if (unfinished) {
    const part = { ...unfinished, kind: "text" as const, index: run.parts.length };
    run.parts.push(unfinished);
    supervisor.report({ kind: "part.settled", promptId, turnId, part });
  }
  run.retold = true;
  supervisor.report({ kind: "turn.ended", promptId, turnId, outcome: "interrupted", durationMs: 1 });
}
