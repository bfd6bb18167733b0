import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { createApi } from "../../e2e/api.ts";
import { makeRepository } from "../../e2e/git-repository.ts";
import { startSystem } from "../../e2e/start-system.ts";
import { readConfig } from "../../packages/server/src/config.ts";
import { ensureSandboxing } from "../processes/ensure-sandboxing.mjs";
import { readSettings, ROOT } from "../processes/settings.mjs";
import { chooseModel } from "./choose-model.ts";
import { docker, removeLabelled } from "./docker-process.ts";
import { findBridge } from "./find-bridge.ts";
import { instanceLabel } from "./floor-container.ts";
import type { Sample } from "./marks.ts";
import { createFloorMeasure } from "./measure-floor.ts";
import { createSessionMeasure } from "./measure-session.ts";
import { startRecordingModel } from "./recording-model.ts";
import type { StartOptions } from "./start-options.ts";
import { buildReport, formatReport } from "./start-report.ts";

/**
 * Measures how long a session takes from its creation to its agent's first model request, beside the least that any
 * container with OpenCode takes, turn by turn on one machine. Needs `npm run build`. Throws where a run fails.
 */
export async function runStartBench({ samples, jsonFile }: StartOptions): Promise<void> {
  const startedAt = new Date().toISOString();
  await ensureSandboxing(readSettings(ROOT, process.env));
  const { sandbox } = readConfig(process.env, import.meta.dirname);
  const instance = `ba-bench-${process.pid}`;
  const info = await docker(["info", "--format", "{{.NCPU}} {{.ServerVersion}}"]);
  const [engineCpus = "", engine = ""] = info.split(" ");
  const bridge = await findBridge(sandbox.image);
  const model = await startRecordingModel(bridge);
  const ends: (() => Promise<unknown>)[] = [() => model.close(), () => removeLabelled(instanceLabel(instance))];
  let ending: Promise<void> | undefined;
  // Once, however often it is asked for: a signal may come while the run is ending by itself.
  const end = () => (ending ??= endAll(ends));
  const stopOnSignal = () => void end().finally(() => process.exit(130));
  process.once("SIGINT", stopOnSignal).once("SIGTERM", stopOnSignal);
  try {
    console.error("Starting a system of its own …");
    const starting = startSystem({ ANTHROPIC_API_KEY: "unused", ANTHROPIC_BASE_URL: model.url });
    // Known before it is up, so that a signal meanwhile leaves nothing. One that does not come up has cleaned up already.
    ends.unshift(async () => (await starting.catch(() => undefined))?.stop());
    const system = await starting;
    const modelId = await chooseModel(createApi(system));
    const { path: repository } = makeRepository(system.reposDir, "bench");
    const shared = { model, modelId, repository };
    const limits = { memoryBytes: sandbox.memoryBytes, cpus: Math.min(sandbox.cpus, Number(engineCpus)) };
    const measureOurs = createSessionMeasure({ ...shared, access: system });
    const measureFloor = createFloorMeasure({
      ...shared,
      image: sandbox.image,
      instance,
      limits: { ...limits, runtime: sandbox.runtime },
      extraHosts: bridge.extraHosts,
    });

    const { ours, floor } = await measureInTurn({ ours: measureOurs, floor: measureFloor }, samples);
    const load = loadavg()[0]?.toFixed(1) ?? "";
    const machine = { processors: cpus().length, engine, "load at the end": load, model: modelId };
    const report = buildReport({ startedAt, machine, ours, floor });
    if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(formatReport(report));
  } finally {
    await end();
    process.off("SIGINT", stopOnSignal).off("SIGTERM", stopOnSignal);
  }
}

type Measure = (marker: string) => Promise<Sample>;

/** One of ours, one of the floor, and again: noise of the machine hits both. The first of each warms up and is dropped. */
async function measureInTurn(measure: { ours: Measure; floor: Measure }, samples: number) {
  const ours: Sample[] = [];
  const floor: Sample[] = [];
  for (let round = 0; round <= samples; round++) {
    ours.push(await measure.ours(`ours-${process.pid}-${round}`));
    floor.push(await measure.floor(`floor-${process.pid}-${round}`));
    const name = round === 0 ? "warm-up" : `sample ${round} of ${samples}`;
    console.error(`${name}: ours ${ours.at(-1)?.durationMs ?? "?"} ms, floor ${floor.at(-1)?.durationMs ?? "?"} ms`);
  }
  return { ours: ours.slice(1), floor: floor.slice(1) };
}

/** Every end is tried; the first failure is told. */
async function endAll(ends: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of ends.splice(0)) await end().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
