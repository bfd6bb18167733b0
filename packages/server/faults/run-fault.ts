import { performance } from "node:perf_hooks";
import { check, type Verdict } from "./checker.ts";
import { runControls, type Controls } from "./controls.ts";
import type { Fault } from "./fault.ts";
import { createFaultWorld, type FaultWorld } from "./fault-world.ts";
import type { Random } from "./random.ts";

export interface FaultResult {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  /** Why it was skipped. */
  obstacle?: string;
  /** Violations by invariant; undefined where it did not come so far. */
  verdict?: Verdict;
  /** What the checker saw when this fault's evidence was spoilt. */
  controls?: Controls;
  /** What was not as this fault in particular demands. */
  surprises: string[];
  seconds: number;
  recoveriesMs: number[];
  kills: number;
  /** What the server printed last, where something was wrong. */
  serverLog?: string;
}

/** Nothing here takes so long, on a machine with much else to do neither: a fault that does is stuck. */
const STUCK_AFTER_MS = 900_000;

const openWorlds = new Set<FaultWorld>();

/** Ends every server and clears every directory of faults that are under way: the run was interrupted. */
export async function closeOpenWorlds(): Promise<void> {
  await Promise.all([...openWorlds].map((world) => world.close()));
}

/** Runs one fault in a world of its own and has everything checked. Never throws. */
export async function runFault(fault: Fault, deps: { bundle: string; random: Random }): Promise<FaultResult> {
  const begun = performance.now();
  const result: FaultResult = {
    name: fault.name,
    outcome: "failed",
    surprises: [],
    seconds: 0,
    recoveriesMs: [],
    kills: 0,
  };
  const obstacle = fault.obstacle?.();
  if (obstacle !== undefined) return { ...result, outcome: "skipped", obstacle };

  const world = await createFaultWorld({
    bundle: deps.bundle,
    random: deps.random.fork(fault.name),
    dataDirSize: fault.dataDirSize,
    onKill: () => (result.kills += 1),
  });
  openWorlds.add(world);
  let timer: NodeJS.Timeout | undefined;
  try {
    const stuck = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`stuck for ${STUCK_AFTER_MS / 1000} s`)), STUCK_AFTER_MS);
    });
    await Promise.race([runAndSettle(fault, world), stuck]);
    const evidence = await world.collect();
    result.verdict = check(evidence);
    result.controls = runControls(evidence);
    for (const name of result.controls.blind) world.surprises.push(`control: ${name} did not see what was spoilt`);
    if (!fault.mayFail) {
      for (const { id, status, error_message: message } of evidence.database.prompts) {
        if (status === "failed") world.surprises.push(`${id} failed: ${message}`);
      }
    }
  } catch (error) {
    world.surprises.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    clearTimeout(timer);
  }
  result.serverLog = await world.close();
  openWorlds.delete(world);
  result.surprises = world.surprises;
  result.recoveriesMs = world.recoveriesMs;
  const violations = Object.values(result.verdict ?? {}).flat().length + result.surprises.length;
  if (violations === 0) {
    result.outcome = "passed";
    delete result.serverLog;
  }
  return { ...result, seconds: (performance.now() - begun) / 1000 };
}

async function runAndSettle(fault: Fault, world: FaultWorld): Promise<void> {
  await world.start();
  await fault.run(world);
  await world.settle();
}
