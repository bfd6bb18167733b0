import type { SessionId } from "@background-agents/shared/ids";
import type { SandboxSpec, SandboxTask } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import { z } from "zod";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import { causeOf } from "../sandboxes/engine-call.ts";
import { isEngineAway, type EnginePresence } from "../sandboxes/engine-presence.ts";
import type { SandboxManager } from "../sandboxes/sandbox-manager.ts";
import type { SandboxPlaces } from "../sandboxes/sandbox-places.ts";
import { decide } from "./session-machine.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import type { SessionState } from "./session-state.ts";
import { isSetupNext } from "./setup-machine.ts";
import type { SetupPlan } from "./setup-plan.ts";

/** So often may an engine that answers break off a session's start, before it is said that it does. */
const BROKEN_STARTS = 3;

export interface StartEffectsDeps {
  recorder: Pick<SessionRecorder, "record">;
  sandboxes: Pick<SandboxManager, "start">;
  places: Pick<SandboxPlaces, "claim" | "putBack">;
  engine: Pick<EnginePresence, "findObstacle" | "noteAway">;
  setupPlan: Pick<SetupPlan, "findApart">;
  buildSpec(state: SessionState, task: SandboxTask): Promise<SandboxSpec>;
  /** Path of the mirror the sandbox clones from; made again where it is missing. */
  ensureMirror(session: Session): Promise<string>;
  /** Throws where the disk has no room for another sandbox, or the session has used up its own. */
  requireSpace(sessionId: SessionId): Promise<void>;
  /** Whose agent is to be started although no prompt waits. */
  resumed: Set<SessionId>;
  /** Somebody waits for a place. */
  makeRoom(): void;
  releasePlace(sessionId: SessionId): void;
  advanceWaiting(): void;
  log: Log;
}

/** The start of a session's sandbox, or why it has to wait for one. */
export function createStartEffects(deps: StartEffectsDeps) {
  const { recorder, sandboxes, places, engine, resumed, log } = deps;
  /** How often each one's start was broken off by an engine that answered just before. */
  const broken = new Map<SessionId, number>();

  function refuse(sessionId: SessionId, error: unknown): void {
    log.warn({ sessionId, error: messageOf(error) }, "a sandbox could not be started");
    const code = error instanceof AppError ? error.code : "sandbox.failed";
    broken.delete(sessionId);
    resumed.delete(sessionId);
    deps.releasePlace(sessionId);
    recorder.record(sessionId, (state) =>
      decide(state, { type: "sandbox.refuse", code, reason: messageOf(error), logTail: logTailOf(error) }),
    );
  }

  /** Nothing is wrong with what was asked: it waits, and is tried again with all who wait. */
  function waitForEngine(sessionId: SessionId, error: AppError): void {
    const position = places.putBack(sessionId);
    const cause = causeOf(error);
    const queued = { reason: "engine" as const, position, ...(cause !== undefined && { cause }) };
    const { events } = recorder.record(sessionId, (now) => decide(now, { type: "sandbox.queue", ...queued }));
    if (events.length > 0) log.warn({ sessionId, error: messageOf(error) }, "a sandbox waits for the engine");
  }

  /** The engine broke off. Where it is not away, but does so each time, waiting would change nothing. */
  function retryOrRefuse(sessionId: SessionId, error: AppError): void {
    engine.noteAway(error);
    const times = (broken.get(sessionId) ?? 0) + 1;
    broken.set(sessionId, times);
    if (times < BROKEN_STARTS) return waitForEngine(sessionId, error);
    const words = `The Docker engine answers, and broke off the start of this sandbox ${times} times`;
    const advice = "look at the engine's log.";
    const message = `${words} (${causeOf(error) ?? messageOf(error)}): ${advice}`;
    refuse(sessionId, new AppError("engine.unusable", message, { cause: error }));
  }

  async function startInPlace(state: SessionState): Promise<void> {
    const { session } = state;
    const isResumed = resumed.has(session.id);
    try {
      await deps.requireSpace(session.id);
      const [apart, mirrorPath] = await Promise.all([deps.setupPlan.findApart(session), deps.ensureMirror(session)]);
      const task = isSetupNext(state, apart !== undefined) ? "setup" : "agent";
      if (task === "agent") resumed.delete(session.id);
      const spec = await deps.buildSpec(state, task);
      await sandboxes.start({ sessionId: session.id, spec, mirrorPath });
      broken.delete(session.id);
    } catch (error) {
      if (!isEngineAway(error)) return refuse(session.id, error);
      if (isResumed) resumed.add(session.id);
      retryOrRefuse(session.id, error);
    }
  }

  return {
    async startSandbox(state: SessionState): Promise<void> {
      const { id } = state.session;
      let obstacle: AppError | undefined;
      try {
        // Before a place is taken and anything is done in it: the engine may be away for hours, with many who wait.
        obstacle = await engine.findObstacle();
      } catch (error) {
        return refuse(id, error);
      }
      if (obstacle) return waitForEngine(id, obstacle);
      const claim = places.claim(id);
      if (!claim.granted) {
        const { reason, position } = claim;
        recorder.record(id, (now) => decide(now, { type: "sandbox.queue", reason, position }));
        deps.makeRoom();
        return;
      }
      // Those behind may have asked first and been sent back to their place in line.
      deps.advanceWaiting();
      await startInPlace(state);
    },

    /** The session needs no sandbox any more. */
    forget: (sessionId: SessionId): void => void broken.delete(sessionId),
  };
}

/** What an error brings along of the log that led to it. */
function logTailOf(error: unknown): string {
  const parsed = z.object({ logTail: z.string() }).safeParse(error instanceof AppError ? error.details : undefined);
  return parsed.success ? parsed.data.logTail : "";
}
