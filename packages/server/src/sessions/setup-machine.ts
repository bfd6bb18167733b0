import { isDeepStrictEqual } from "node:util";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { AppError } from "../lib/app-error.ts";
import { failUnfinished, sandboxFailed } from "./prompt-endings.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

/**
 * Pure: the setup script in a container of its own, where it has secrets that the agent must not get. One run ends once,
 * whatever becomes of its container:
 *
 * | the run               | its container                       | records                                        |
 * |-----------------------|-------------------------------------|------------------------------------------------|
 * | not begun             | reports setup.started               | setup.started                                  |
 * | running               | reports setup.ended                 | setup.ended; the container is then stopped     |
 * | running               | ended by itself                     | setup.ended failed, sandbox.stopped            |
 * | running               | ended by us                         | setup.ended stopped, sandbox.stopped           |
 * | running (asked again) | lost with the server while made     | sandbox.stopped; it is made anew               |
 * | not begun             | ended by itself                     | sandbox.failed, and the waiting prompts        |
 *
 * Only what the server recorded of its own accord has the script run with such secrets: an agent can report a run, never
 * have one made.
 */

/** What is to be done for it next; undefined where nothing is. */
export type SetupStep = "start" | "end-agent" | "wait" | "end-setup" | undefined;

export function nextSetupStep({ session: { setup, sandbox }, task }: SessionState): SetupStep {
  const isUp = ["creating", "booting", "ready", "stopping"].includes(sandbox.status);
  if (isUp && task === "setup") return setup === null || setup.status === "running" ? "wait" : "end-setup";
  if (!isAskedFor(setup)) return undefined;
  return isUp ? "end-agent" : "start";
}

/**
 * Whether the next container is the setup script's. By itself that is so only before an agent had the workspace: what an
 * agent left there could be run with the secrets. After that the user has to ask for it.
 */
export function isSetupNext({ session: { setup }, boot, task }: SessionState, hasOwnSecrets: boolean): boolean {
  if (isAskedFor(setup)) return true;
  return hasOwnSecrets && setup === null && (boot === null || task === "setup");
}

/** Recorded, and not ended. */
export function isAskedFor(setup: SessionState["session"]["setup"]): boolean {
  return setup?.status === "running" && setup.apart === true;
}

/** The user wants the script to run again. Throws `session.busy` while the sandbox has something else to do. */
export function decideSetupRequest(state: SessionState, source: "file" | "settings"): NewSessionEvent[] {
  const { deletedAt, setup, sandbox } = state.session;
  if (deletedAt) throw new AppError("session.deleted", "The session is deleted: restore it first.");
  if (setup?.status === "running") {
    throw new AppError("session.busy", "The setup script runs already: wait for it, or stop it.");
  }
  if (activePrompt(state)) {
    throw new AppError(
      "session.busy",
      "The agent is at work. The setup script runs in a container of its own, for which the agent's is stopped: run it again when the turn has ended.",
    );
  }
  if (["creating", "booting", "stopping"].includes(sandbox.status)) {
    throw new AppError("session.busy", "The sandbox is starting or stopping: try again in a moment.");
  }
  return [{ type: "setup.started", actor: "user", data: { source, again: true, apart: true } }];
}

/** The user takes it back before its container is there. */
export function decideSetupCancel({ session: { setup } }: SessionState): NewSessionEvent[] {
  return isAskedFor(setup) ? [ended("stopped", "")] : [];
}

/** What the container of the setup script says of itself; undefined: what any container may say. */
export function decideSetupReport(state: SessionState, body: ReportBody): NewSessionEvent[] | undefined {
  const { setup } = state.session;
  const isOver = setup !== null && setup.status !== "running";
  switch (body.kind) {
    case "setup.started":
      if (setup !== null) return [];
      return [{ type: "setup.started", actor: "server", data: { source: body.source, apart: true } }];
    case "setup.ended": {
      const { outcome, exitCode, durationMs, logTail } = body;
      if (isOver) return [];
      return [{ type: "setup.ended", actor: "server", data: { outcome, exitCode, durationMs, logTail } }];
    }
    case "secrets.given": {
      if (setup === null || isDeepStrictEqual(body.names, setup.secretNames)) return [];
      return [{ type: "secrets.given", actor: "server", data: { names: body.names, audience: "setup" } }];
    }
    case "boot.ready":
      // No agent is to be started there.
      if (isOver) return [];
      return [ended("failed", "The sandbox image is of an older version, which cannot run the setup script alone.")];
    case "boot.failed": {
      const reason = `The setup script's container did not start (${body.phase}): ${body.message}`;
      const failed = sandboxFailed({ code: "sandbox.failed", reason, logTail: body.logTail });
      if (setup?.status === "running") return [ended("failed", reason), failed];
      return [failed, ...failUnfinished(state, "sandbox.failed", reason)];
    }
    default:
      return undefined;
  }
}

/** The container of the setup script is gone. */
export function decideSetupEnd(
  state: SessionState,
  end: { reason: string; exitCode: number | null; logTail: string; expected: boolean; code?: "sandbox.unsafe" },
): NewSessionEvent[] {
  const { setup, sandbox, deletedAt } = state.session;
  const { reason, exitCode, logTail, code } = end;
  const runs = setup?.status === "running";
  if (code !== undefined || (setup === null && !end.expected)) {
    const words = code === undefined ? `The sandbox did not start: ${reason}` : reason;
    return [
      ...(runs ? [ended("failed", reason)] : []),
      sandboxFailed({ code: code ?? "sandbox.lost", reason, logTail }),
      ...failUnfinished(state, code ?? "sandbox.failed", words),
    ];
  }
  const isMadeAnew = end.expected && sandbox.status === "creating" && !deletedAt;
  const words = setup === null || runs || end.expected ? reason : "the setup script has ended";
  const log = `${logTail}\nIts container ended before it did: ${reason}.`.trim();
  return [
    ...(runs && !isMadeAnew ? [ended(end.expected ? "stopped" : "failed", end.expected ? "" : log)] : []),
    { type: "sandbox.stopped", actor: "server", data: { reason: words, exitCode } },
  ];
}

/** Its container could not be made. */
export function decideSetupRefusal({ session: { setup } }: SessionState, reason: string): NewSessionEvent[] {
  return isAskedFor(setup) ? [ended("failed", reason)] : [];
}

function ended(outcome: "failed" | "stopped", logTail: string): NewSessionEvent {
  return { type: "setup.ended", actor: "server", data: { outcome, exitCode: null, durationMs: 0, logTail } };
}
