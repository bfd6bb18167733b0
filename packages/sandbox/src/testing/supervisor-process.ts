import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { parseHubAddress } from "../supervisor/hub-address.ts";
import { startSupervisor, type SupervisorDeps } from "../supervisor/supervisor.ts";
import { BootId } from "@background-agents/shared/ids";

const Order = z.object({
  hub: z.string(),
  boot: BootId,
  token: z.string(),
  paths: z.object({ workspace: z.string(), state: z.string(), mirror: z.string() }),
  opencode: z.object({ binary: z.string(), version: z.string() }),
});
export type SupervisorProcessOrder = z.infer<typeof Order>;

/** Runs the supervisor in a process of its own, so that a test can kill it. */
export function spawnSupervisor(order: SupervisorProcessOrder): { kill: () => Promise<void> } {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--conditions", "development", fileURLToPath(import.meta.url), JSON.stringify(order)],
    { stdio: "inherit" },
  );
  return {
    async kill() {
      if (child.exitCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

/** Processes of OpenCode's server that keep their data under `state`. */
export function findOpenCode(state: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0serve\0")) return false;
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`XDG_DATA_HOME=${state}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Ends them, each with all that it started: it leads a process group of its own. */
export function killOpenCode(state: string): void {
  for (const pid of findOpenCode(state)) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

const given = process.argv[2];
if (process.argv[1] === fileURLToPath(import.meta.url) && given) {
  const order = Order.parse(JSON.parse(given));
  const deps: SupervisorDeps = {
    ...order,
    hub: parseHubAddress(order.hub),
    environment: process.env,
    log: () => undefined,
    onDone: (exitCode) => process.exit(exitCode),
  };
  await startSupervisor(deps);
}
