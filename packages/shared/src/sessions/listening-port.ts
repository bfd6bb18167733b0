import { z } from "zod";

/** A port of the sandbox's own loopback on which something listens, with what its process was started as. */
export const ListeningPort = z.object({
  port: z.int().min(1).max(65_535),
  /** Null where its process is not known. */
  command: z.string().max(500).nullable(),
});
export type ListeningPort = z.infer<typeof ListeningPort>;
