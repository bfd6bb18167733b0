import { z } from "zod";
import { JobId, PromptId, SessionId } from "../ids.ts";
import { Job } from "../jobs/job.ts";
import { ListeningPort } from "../sessions/listening-port.ts";
import { OpenPart } from "../sessions/part.ts";
import { BootPhase, LiveChanges, Prompt, Session } from "../sessions/session.ts";
import { SessionEvent } from "./session-events.ts";

/** Frames of `/api/sessions/:id/socket`, server to browser. The browser sends nothing: verbs are REST. */
export const SessionFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    session: Session,
    prompts: z.array(Prompt),
    lastSeq: z.int().nonnegative(),
    openParts: z.array(z.object({ promptId: PromptId, part: OpenPart })),
    /** The boot log so far, while the sandbox boots. */
    bootLog: z.array(z.object({ phase: BootPhase, text: z.string() })),
    /** What the running turn has changed so far; null where none runs or nothing was told yet. */
    live: LiveChanges.nullable().default(null),
    /** Jobs that run, with their logs so far. */
    jobs: z.array(Job).default([]),
    /** What listens in the sandbox, as of the last look. */
    ports: z.array(ListeningPort).default([]),
  }),
  z.object({ type: z.literal("event"), event: SessionEvent }),
  /** An open part appeared or was replaced. */
  z.object({ type: z.literal("part"), promptId: PromptId, part: OpenPart }),
  /** Appends `text` to an open part's text at `offset`; ignore it where the text already is that long. */
  z.object({ type: z.literal("delta"), partId: z.string(), offset: z.int().nonnegative(), text: z.string() }),
  z.object({ type: z.literal("log"), phase: BootPhase, text: z.string() }),
  /** The working tree of the running turn changed: what differs from the session's base now. */
  z.object({ type: z.literal("live"), live: LiveChanges.nullable() }),
  /** A job began or ended. */
  z.object({ type: z.literal("job"), job: Job }),
  /** A job printed something. */
  z.object({ type: z.literal("job-log"), jobId: JobId, text: z.string() }),
  /** What listens in the sandbox changed. */
  z.object({ type: z.literal("ports"), ports: z.array(ListeningPort) }),
  z.object({ type: z.literal("session"), session: Session }),
  z.object({ type: z.literal("prompt"), prompt: Prompt }),
  z.object({ type: z.literal("ping") }),
]);
export type SessionFrame = z.infer<typeof SessionFrame>;

/** Frames of `/api/socket`: the list of all sessions, kept current. */
export const FleetFrame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("snapshot"), sessions: z.array(Session) }),
  z.object({ type: z.literal("session"), session: Session }),
  z.object({ type: z.literal("removed"), sessionId: SessionId }),
  z.object({ type: z.literal("ping") }),
]);
export type FleetFrame = z.infer<typeof FleetFrame>;
