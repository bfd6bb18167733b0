import { statfs } from "node:fs/promises";
import { isInVirtualMachine, type EngineAnswer } from "./engine-facts.ts";
import type { VolumeUse } from "./sandbox-provider.ts";

/** What is free where the engine keeps its volumes; undefined where this process does not see that disk. */
export async function readFreeSpace(engine: EngineAnswer): Promise<VolumeUse | undefined> {
  if (isInVirtualMachine(engine) || !engine.DockerRootDir) return undefined;
  try {
    const { bavail, bsize, ffree, files } = await statfs(engine.DockerRootDir);
    // Some file systems count no inodes: they do not run out of them.
    return { bytes: bavail * bsize, inodes: files === 0 ? Number.MAX_SAFE_INTEGER : ffree };
  } catch {
    return undefined;
  }
}
