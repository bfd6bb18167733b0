import type { SessionId } from "@background-agents/shared/ids";
import { SessionId as SessionIdSchema } from "@background-agents/shared/ids";
import type Docker from "dockerode";
import { z } from "zod";
import { LABELS } from "./container-profile.ts";

/** What the engine tells of a container's disks, a line for each device and kind; nothing where its kernel does not count. */
const Stats = z.object({
  blkio_stats: z
    .object({
      io_service_bytes_recursive: z
        .array(z.object({ major: z.number(), minor: z.number(), op: z.string(), value: z.number() }))
        .nullish(),
    })
    .nullish(),
});

/**
 * Bytes that each running sandbox has sent to disks since it began, by the kernel's own count. Sessions of which nobody
 * counts are not in it.
 */
export async function readBytesWritten(docker: Docker, instance: string): Promise<Map<SessionId, number>> {
  const filters = { label: [`${LABELS.instance}=${instance}`, LABELS.boot], status: ["running"] };
  const written = new Map<SessionId, number>();
  for (const { Id, Labels } of await docker.listContainers({ filters })) {
    const sessionId = SessionIdSchema.safeParse(Labels[LABELS.session]);
    if (!sessionId.success) continue;
    const bytes = await docker
      .getContainer(Id)
      .stats({ stream: false, "one-shot": true })
      .then(countWritten, () => undefined);
    if (bytes !== undefined) written.set(sessionId.data, bytes);
  }
  return written;
}

/** Of the device that got most: a disk below another one counts the same bytes again. */
export function countWritten(stats: unknown): number | undefined {
  const lines = Stats.safeParse(stats).data?.blkio_stats?.io_service_bytes_recursive ?? [];
  const writes = lines.filter(({ op }) => op.toLowerCase() === "write").map(({ value }) => value);
  return writes.length === 0 ? undefined : Math.max(...writes);
}
