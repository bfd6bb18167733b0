import { z } from "zod";

/** How the repository's setup script ended in this session's sandbox. The session is usable in each case. */
export const SetupState = z.object({
  status: z.enum(["running", "ok", "failed", "timed-out", "stopped"]),
  exitCode: z.int().nullable(),
  /** The end of what it printed, at most 16,384 characters. */
  logTail: z.string().max(16_384),
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative().nullable(),
  /** It runs (or ran) in a container of its own, with secrets that the agent does not get. */
  apart: z.boolean().optional(),
  /** Names of the secrets that this run was given in a container of its own. */
  secretNames: z.array(z.string()).optional(),
});
export type SetupState = z.infer<typeof SetupState>;

export const SetupOutcome = z.enum(["ok", "failed", "timed-out", "stopped"]);
export type SetupOutcome = z.infer<typeof SetupOutcome>;

/** Where the scripts lie in a repository; the settings' own scripts win over them. */
export const SETUP_FILES = { setup: ".background-agents/setup.sh", start: ".background-agents/start.sh" } as const;
