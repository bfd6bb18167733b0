import type { BootId, SessionId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type {
  BundleAnswer,
  Report,
  ReportBody,
  SandboxTask,
} from "@background-agents/shared/protocol/supervisor-frames";
import type { ChangeCounts, Checkpoint, ModelId, Prompt, Session } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Failpoint } from "../lib/failpoint.ts";
import type { Log } from "../lib/logger.ts";
import type { BundleUpload } from "../sandboxes/sandbox-hub.ts";
import type { SandboxEnd } from "../sandboxes/sandbox-callbacks.ts";
import type { TransientFrame } from "../sandboxes/supervisor-link.ts";
import { findGivenAnswer } from "./given-answers.ts";
import type { LiveParts } from "./live-parts.ts";
import type { SessionEffects } from "./session-effects.ts";
import { decideReport } from "./report-machine.ts";
import { decide } from "./session-machine.ts";
import type { SessionRecorder } from "./session-recorder.ts";
import { activePrompt, hasEnded, type SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";
import { settleUnfinished } from "./unfinished-parts.ts";

export interface UsageFact {
  sessionId: SessionId;
  model: ModelId;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number;
}

export interface SessionReportsDeps {
  events: EventLog;
  store: SessionStore;
  recorder: SessionRecorder;
  effects: SessionEffects;
  live: LiveParts;
  importBundle(
    state: SessionState,
    upload: BundleUpload,
  ): Promise<{ commit: string; changes: ChangeCounts; turn: ChangeCounts; notices: string[] }>;
  /** The base that the commit stands on by the agent's own doing, and the totals from there; undefined where it is the session's. */
  findMovedBase(
    session: Session,
    commit: string,
  ): Promise<{ branch: string; commit: string; changes: ChangeCounts } | undefined>;
  clock: Clock;
  failpoint?: Failpoint | undefined;
  log: Log;
}

export type SessionReports = ReturnType<typeof createSessionReports>;

/** What sandboxes tell, recorded: each report in one transaction with the mark that makes its repetition harmless. */
export function createSessionReports(deps: SessionReportsDeps) {
  const { store, recorder, effects, live, log } = deps;

  /**
   * The prompt of an earlier turn that a report is about; undefined where it is of the running one, and where the report
   * repeats what is stored: the sandbox before may have told it and not have heard that it was taken.
   */
  function findLate(now: SessionState, body: ReportBody): Prompt | undefined {
    if (body.kind === "notice" || !("promptId" in body)) return undefined;
    if (activePrompt(now)?.turnId === body.turnId) return undefined;
    const isStored =
      body.kind === "part.settled" && deps.events.hasWhole(now.session.id, body.turnId, body.part.partId);
    const prompt = isStored ? undefined : store.findPrompt(body.promptId);
    if (prompt?.sessionId !== now.session.id) return undefined;
    // An agent that stopped when it was asked to told everything before its end.
    if (prompt.status === "interrupted" && !deps.events.wasCutOff(now.session.id, body.turnId)) return undefined;
    return prompt;
  }

  return {
    recordCreating(sessionId: SessionId, boot: BootId, task: SandboxTask): void {
      live.clearBootLog(sessionId);
      live.clearParts(sessionId);
      recorder.record(sessionId, (state) => decide(state, { type: "sandbox.create", boot, task }));
    },

    /** Returns after COMMIT. A report that was recorded before records nothing. */
    recordReport(sessionId: SessionId, boot: BootId, report: Report): void {
      const { body } = report;
      const given = findGivenAnswer(deps.events, sessionId, body);
      const { state, events } = recorder.record(
        sessionId,
        (now) => {
          if (now.boot !== boot || store.lastReport(sessionId, boot) >= report.report || given) return [];
          return decideReport(now, body, findLate(now, body));
        },
        () => store.recordReport(sessionId, boot, report.report),
      );
      if (given) effects.sendAnswer(sessionId, given);
      if (body.kind === "part.settled") live.settle(sessionId, body.part.partId);
      if (body.kind === "turn.ended") live.clearParts(sessionId);
      if (events.length === 0) log.debug({ sessionId, kind: body.kind }, "a report changed nothing");
      if (["boot.ready", "turn.ended", "boot.failed", "setup.ended"].includes(body.kind))
        effects.advance(state.session.id);
    },

    applyTransient(sessionId: SessionId, frame: TransientFrame): void {
      if (frame.type === "part") {
        const state = store.find(sessionId);
        if (state && activePrompt(state)?.id !== frame.promptId) return;
      }
      live.apply(sessionId, frame);
    },

    /** Brings a checkpoint's objects to the host and records it; the answer means it is safe. */
    async recordCheckpoint(sessionId: SessionId, upload: BundleUpload): Promise<BundleAnswer> {
      const state = store.find(sessionId);
      const prompt = store.findPrompt(upload.promptId);
      // Also of a turn that ended with its container: the next one brings what was left in the tree.
      if (!state || prompt?.sessionId !== sessionId || prompt.turnId !== upload.turnId) {
        throw new AppError("checkpoint.refused", "The checkpoint is of no turn of this session.");
      }
      // A turn that ended with its container, and whose work the user went back from since: that work is not to return.
      if (prompt.endedAt && state.restored && state.restored.at >= prompt.endedAt) {
        throw new AppError("checkpoint.refused", "The user brought the work to another state after this turn.");
      }
      const known = store.findCheckpoint(sessionId, upload.checkpointId);
      if (known) {
        upload.body.resume();
        return { commit: known.commit, ...known.changes };
      }
      const { commit, changes: made, turn, notices } = await deps.importBundle(state, upload);
      const base = await deps.findMovedBase(state.session, commit);
      const changes = base?.changes ?? made;
      deps.failpoint?.("checkpoint.imported");
      const { checkpointId, turnId, promptId } = upload;
      const checkpoint: Checkpoint = {
        id: checkpointId,
        sessionId,
        origin: "turn",
        turnId,
        promptId,
        parentId: state.session.lastCheckpointId,
        commit,
        changes,
        createdAt: deps.clock.now().toISOString(),
      };
      recorder.record(
        sessionId,
        () => [
          {
            type: "checkpoint.created",
            actor: "server",
            turnId,
            promptId,
            data: { checkpointId, commit, ...changes, turn },
          },
          ...(base ? [baseMoved(checkpoint, base)] : []),
          ...notices.map((message): NewSessionEvent => {
            const data = { level: "warning" as const, code: "checkpoint.notice", message };
            return { type: "notice.raised", actor: "server", turnId, promptId, data };
          }),
        ],
        () => store.recordCheckpoint(checkpoint),
      );
      deps.failpoint?.("checkpoint.recorded");
      if (hasEnded(prompt)) effects.advance(sessionId);
      return { commit, ...changes };
    },

    recordEnd(sessionId: SessionId, end: SandboxEnd): void {
      if (!store.find(sessionId)) return;
      const { openParts } = live.snapshot(sessionId);
      recorder.record(sessionId, (state) => {
        const events = decide(state, { type: "sandbox.end", ...end });
        // What the user read is not to vanish with the sandbox that said it.
        return events.length === 0 ? [] : [...settleUnfinished(state, openParts, deps.clock.now()), ...events];
      });
      live.clearParts(sessionId);
      effects.sandboxEnded(sessionId);
      effects.advance(sessionId);
    },

    recordUsage({ sessionId, ...usage }: UsageFact): void {
      recorder.record(sessionId, (state) => {
        const active = activePrompt(state);
        const ids = active?.turnId ? { promptId: active.id, turnId: active.turnId } : {};
        return [{ type: "usage.recorded", actor: "server", ...ids, data: usage }];
      });
    },

    /** Secrets that a sandbox should have had, and whose values cannot be read. */
    recordUnreadable(sessionId: SessionId, names: readonly string[]): void {
      const message = `The sandbox starts without ${names.join(", ")}: the value cannot be read with the key in the data directory. Set it anew.`;
      const data = { level: "warning" as const, code: "secret.unreadable", message };
      recorder.record(sessionId, () => [{ type: "notice.raised", actor: "server", data }]);
    },
  };
}

/** The agent merged its base branch, or rebased onto it. The workspace stands there already, so no generation begins. */
function baseMoved(checkpoint: Checkpoint, base: { branch: string; commit: string }): NewSessionEvent {
  const { id: checkpointId, commit, changes, parentId, turnId, promptId } = checkpoint;
  return {
    type: "work.restored",
    actor: "agent",
    ...(turnId && { turnId }),
    ...(promptId && { promptId }),
    data: {
      ...{ reason: "base-update", checkpointId, commit, ...changes },
      ...{ previousCheckpointId: parentId, generation: 1, conversation: false },
      base: { branch: base.branch, commit: base.commit },
    },
  };
}
