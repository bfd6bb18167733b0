import type { SessionId } from "@background-agents/shared/ids";
import { AppError } from "../lib/app-error.ts";
import type { HelperContainers } from "./helper-containers.ts";
import type { VolumeUse } from "./sandbox-provider.ts";

/** `<bytes or inodes> <path>` lines, bytes first. Files that go away meanwhile are no error. */
const SCRIPT = "cd /measured; for way in --block-size=1 --inodes; do du -sx $way * 2>/dev/null; echo; done; true";

export interface MeasureOrder {
  image: string;
  volumes: Map<SessionId, { workspace: string; state: string }>;
}

/**
 * Counts what sessions' volumes hold, in a container that lives for a moment: as root, so that no directory is closed to
 * it, with the volumes read-only, no network, and only the right to read. Nothing that an agent wrote is run in it.
 */
export async function measureVolumes(
  helpers: HelperContainers,
  order: MeasureOrder,
): Promise<Map<SessionId, VolumeUse>> {
  const mounts = [...order.volumes].flatMap(([sessionId, { workspace, state }]) => [
    { name: `${sessionId}.workspace`, volume: workspace },
    { name: `${sessionId}.state`, volume: state },
  ]);
  const { output } = await helpers.run({
    Image: order.image,
    User: "0:0",
    Entrypoint: ["/bin/sh", "-c", SCRIPT],
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: ["DAC_READ_SEARCH"],
      SecurityOpt: ["no-new-privileges:true"],
      Memory: 512 * 2 ** 20,
      CpuShares: 128,
      PidsLimit: 16,
      LogConfig: { Type: "local", Config: {} },
      Mounts: mounts.map(({ name, volume }) => ({
        ...{ Type: "volume" as const, Source: volume, Target: `/measured/${name}`, ReadOnly: true },
        VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: "", Options: {} } },
      })),
    },
  });
  return readUse(output);
}

/** Throws where the output is not what the script prints. */
export function readUse(output: string): Map<SessionId, VolumeUse> {
  const [bytes, inodes] = output.split(/\n\n/).map(readTable);
  if (bytes === undefined || inodes === undefined || bytes.size === 0) {
    throw new AppError("sandbox.failed", "What the sessions' volumes hold could not be counted.");
  }
  return new Map([...bytes].map(([id, count]) => [id, { bytes: count, inodes: inodes.get(id) ?? 0 }]));
}

/** The sum over a session's volumes. */
function readTable(text: string): Map<SessionId, number> {
  const sums = new Map<SessionId, number>();
  for (const [, count, id] of text.matchAll(/^(\d+)\t(ses_[0-9a-z]+)\.\w+$/gm)) {
    const sessionId = id as SessionId;
    sums.set(sessionId, (sums.get(sessionId) ?? 0) + Number(count));
  }
  return sums;
}
