import { join } from "node:path";
import { docker, readProcessorMs, readStartTimes, removeLabelled } from "./docker-process.ts";
import { buildFloorArguments, FLOOR_TREE, instanceLabel, type FloorLimits } from "./floor-container.ts";
import type { Mark, Sample } from "./marks.ts";
import type { RecordingModel } from "./recording-model.ts";

const LIMIT_MS = 120_000;

/**
 * Measures the floor: from just before `docker run` of the same image, with the same limits, to the first model
 * request. The tree is cloned into its volume before the clock starts, so the floor has less to do than we have.
 */
export function createFloorMeasure(deps: {
  image: string;
  instance: string;
  limits: FloorLimits;
  model: RecordingModel;
  /** Catalogue id, e.g. `anthropic/claude-sonnet-5`. */
  modelId: string;
  /** Absolute path of the repository whose tree the floor gets. */
  repository: string;
  extraHosts: string[];
}) {
  const { image, instance, model } = deps;
  const label = instanceLabel(instance);
  const [providerID = "", ...rest] = deps.modelId.split("/");

  async function prepareVolumes(marker: string): Promise<{ workspace: string; state: string }> {
    const volumes = { workspace: `${instance}-${marker}-workspace`, state: `${instance}-${marker}-state` };
    for (const name of Object.values(volumes)) await docker(["volume", "create", "--label", label, name]);
    // As the mirror of a sandbox: the one path that git in the image takes from another owner.
    const source = `type=bind,source=${join(deps.repository, ".git")},target=/mirror.git,readonly`;
    const workspace = `type=volume,source=${volumes.workspace},target=/workspace`;
    await docker([
      ...["run", "--rm", "--label", label, "--network", "none", "--mount", source, "--mount", workspace],
      ...["--entrypoint", "git", image, "clone", "--quiet", "/mirror.git", FLOOR_TREE],
    ]);
    return volumes;
  }

  return async (marker: string): Promise<Sample> => {
    const run = buildFloorArguments({
      image,
      instance,
      limits: deps.limits,
      volumes: await prepareVolumes(marker),
      modelUrl: model.containerUrl,
      model: { providerID, modelID: rest.join("/") },
      promptText: `Say that there is nothing to do. ${marker}`,
      extraHosts: deps.extraHosts,
    });
    const asked = model.firstRequest(marker, LIMIT_MS);
    asked.catch(() => undefined);
    const startedAtMs = Date.now();
    try {
      const container = await docker(run);
      const durationMs = await asked.catch(async (error: unknown) => {
        throw new Error(`The floor's container said:\n${await docker(["logs", container])}`, { cause: error });
      });
      const processorMs = await readProcessorMs(container);
      const times = await readStartTimes(container);
      const marks = [
        { name: "container created", atMs: times.createdAtMs },
        { name: "container started", atMs: times.startedAtMs },
        ...readMarks(await docker(["logs", container])),
      ];
      return { startedAtMs, durationMs: durationMs - startedAtMs, processorMs, marks };
    } finally {
      await removeLabelled(label);
    }
  };
}

/** Reads the script's lines `mark <seconds since the epoch> <name>`. */
function readMarks(log: string): Mark[] {
  return [...log.matchAll(/^mark (\d+[.,]\d+) (.+)$/gm)].map(([, seconds = "", name = ""]) => ({
    name,
    atMs: Number(seconds.replace(",", ".")) * 1000,
  }));
}
