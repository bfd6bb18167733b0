import type { FullConfig } from "@playwright/test";
import { systemVariable } from "./api.ts";
import { startSystem } from "./start-system.ts";

/** Between two words of the demo model: quicker than anyone reads, slow enough that a turn has a middle. */
const PACE_MS = "10";

/** Starts one system for each worker, with ports, data directory and instance of its own; `sharedAccess` finds it. */
export default async function globalSetup({ workers }: FullConfig): Promise<() => Promise<void>> {
  const systems: Awaited<ReturnType<typeof startSystem>>[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(systems.map((system) => system.stop()));
  };
  try {
    // One after the other: a free port is only sure to be free until the next one looks.
    for (let worker = 0; worker < workers; worker += 1) {
      const system = await startSystem({ DEMO_PACE_MS: PACE_MS });
      systems.push(system);
      const { url, apiUrl, token, reposDir, dataDir } = system;
      process.env[systemVariable(worker)] = JSON.stringify({ url, apiUrl, token, reposDir, dataDir });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
