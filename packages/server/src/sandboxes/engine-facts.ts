import { z } from "zod";
import { AppError } from "../lib/app-error.ts";
import type { ContainerLimits } from "./container-profile.ts";
import type { EngineInfo, SandboxResources } from "./sandbox-provider.ts";

/** What the engine says of itself, as far as sandboxes depend on it. */
export const EngineAnswer = z.object({
  ServerVersion: z.string(),
  NCPU: z.number(),
  MemTotal: z.number(),
  OperatingSystem: z.string(),
  DockerRootDir: z.string().nullish(),
  SwapLimit: z.boolean().nullish(),
  DefaultRuntime: z.string().nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
  /** `name=seccomp,profile=builtin`: the profile that containers get which ask for none. */
  SecurityOptions: z.array(z.string()).nullish(),
});
export type EngineAnswer = z.infer<typeof EngineAnswer>;

/** Whether the engine's containers see another kernel's files and network than this process. */
export function isInVirtualMachine({ OperatingSystem }: EngineAnswer): boolean {
  return process.platform !== "linux" || /docker desktop/i.test(OperatingSystem);
}

export function toEngineInfo(answer: EngineAnswer, hub: "auto" | "unix" | "tcp"): EngineInfo {
  return {
    version: answer.ServerVersion,
    cpus: answer.NCPU,
    memoryBytes: answer.MemTotal,
    transport: hub === "auto" ? (isInVirtualMachine(answer) ? "tcp" : "unix") : hub,
  };
}

/** Of Docker, since when a container can ask for the engine's own filter where that is not the engine's default. */
const BUILTIN_FILTER_SINCE = 23;

/**
 * Pure: what a container has to ask for (`SecurityOpt`) to have its system calls filtered; undefined where this engine
 * cannot filter them. Nothing where it does so by itself: the container looks the same where it does not, so only the
 * engine can tell. Docker Desktop has a filter, and gives it to nobody who does not ask.
 */
export function askForCallFilter({ SecurityOptions, ServerVersion }: EngineAnswer): string[] | undefined {
  const options = (SecurityOptions ?? []).map((option) => option.split(","));
  const filter = options.find((parts) => parts.includes("name=seccomp"));
  if (filter === undefined) return undefined;
  if (!filter.includes("profile=unconfined")) return [];
  return Number.parseInt(ServerVersion, 10) >= BUILTIN_FILTER_SINCE ? ["seccomp=builtin"] : undefined;
}

/** Pure: the limits as this engine takes them. Throws `sandbox.failed` where it cannot run what is asked for. */
export function buildLimits(wanted: SandboxResources, engine: EngineAnswer): ContainerLimits {
  const callFilter = askForCallFilter(engine);
  if (callFilter === undefined) {
    throw new AppError(
      "sandbox.failed",
      'The Docker engine does not filter the system calls of containers (seccomp is off), on which the sandbox relies: take "seccomp-profile": "unconfined" out of the engine\'s daemon.json or use Docker 23 or newer, on a kernel that has seccomp; then restart the engine.',
    );
  }
  const standard = engine.DefaultRuntime ?? "runc";
  const runtime = wanted.runtime ?? standard;
  const offered = Object.keys(engine.Runtimes ?? { [standard]: {} });
  if (!offered.includes(runtime)) {
    const hint = runtime === "runsc" ? "docs/gvisor.md says how to add it" : "add it to the engine's daemon.json";
    throw new AppError(
      "sandbox.failed",
      `The Docker engine has no container runtime "${runtime}" (it has ${offered.join(", ")}): ${hint}, or choose another one in the settings (SANDBOX_RUNTIME).`,
    );
  }
  return {
    runtime,
    memoryBytes: Math.min(wanted.memoryBytes, engine.MemTotal),
    cpus: Math.min(wanted.cpus, engine.NCPU),
    limitsSwap: engine.SwapLimit !== false,
    callFilter,
  };
}
