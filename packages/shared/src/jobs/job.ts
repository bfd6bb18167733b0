import { z } from "zod";
import { JobId, SessionId } from "../ids.ts";

/** Work that the server does outside of turns, with a log to watch. */
export const JOB_KINDS = [
  "publish",
  "push",
  "pull-request",
  "checkout",
  "remove-checkout",
  "apply",
  "update-base",
  "discard",
] as const;
export const JobKind = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof JobKind>;

export const JobStatus = z.enum(["running", "succeeded", "failed"]);
export type JobStatus = z.infer<typeof JobStatus>;

export const JobError = z.object({
  code: z.string(),
  message: z.string(),
  /** What the user can do about it, one sentence; null where the message says all. */
  advice: z.string().nullable(),
  /** A link that helps, such as the page that compares the branches. */
  url: z.string().nullable(),
});
export type JobError = z.infer<typeof JobError>;

export const Job = z.object({
  id: JobId,
  sessionId: SessionId,
  kind: JobKind,
  status: JobStatus,
  /** One line: what it does, e.g. `push agents/fix-tests to origin`. */
  summary: z.string(),
  /** One line: what came of it; null while it runs or where it failed. */
  result: z.string().nullable(),
  error: JobError.nullable(),
  /** The last 64 kB of what it printed. */
  log: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type Job = z.infer<typeof Job>;
