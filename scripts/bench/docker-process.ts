import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs the Docker CLI and answers its output without the final line break. Rejects with what it said. */
export async function docker(args: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 16 * 2 ** 20 });
  return stdout.trim();
}

const lines = (text: string): string[] => text.split("\n").filter(Boolean);

/** Removes every container and volume that carries the label, and nothing else. */
export async function removeLabelled(label: string): Promise<void> {
  const filter = ["--filter", `label=${label}`, "--quiet"];
  const containers = lines(await docker(["ps", "--all", ...filter]));
  if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers]);
  const volumes = lines(await docker(["volume", "ls", ...filter]));
  if (volumes.length > 0) await docker(["volume", "rm", ...volumes]);
}

/** Processor time the container has used so far, in milliseconds, by its control group (version 1 or 2). */
export async function readProcessorMs(container: string): Promise<number> {
  const files = "/sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage";
  const text = await docker(["exec", container, "sh", "-c", `cat ${files} 2>/dev/null || true`]);
  const microseconds = /^usage_usec (\d+)$/m.exec(text)?.[1];
  return microseconds === undefined ? Number(/^\d+$/m.exec(text)?.[0]) / 1e6 : Number(microseconds) / 1000;
}

/** When the engine made and started the container, in milliseconds since the epoch. */
export async function readStartTimes(container: string): Promise<{ createdAtMs: number; startedAtMs: number }> {
  const times = await docker(["inspect", "--format", "{{.Created}} {{.State.StartedAt}}", container]);
  const [createdAtMs = Number.NaN, startedAtMs = Number.NaN] = times.split(" ").map((time) => Date.parse(time));
  return { createdAtMs, startedAtMs };
}
