import type { OpenCodeError } from "../opencode/opencode-events.ts";

export type TurnOutcome =
  | { outcome: "completed" | "interrupted" }
  | { outcome: "failed"; error: { code: string; message: string } };

export interface TurnEnd {
  /** The user, or a shutdown, asked for a stop. */
  stopRequested: boolean;
  aborted: boolean;
  /** Why the agent's process ended under the turn. */
  crash: string | undefined;
  error: OpenCodeError | undefined;
}

const MESSAGE_LIMIT = 4000;

/** The code and words for an error of OpenCode; codes are those of the API's table. */
export function describeAgentError(error: OpenCodeError): { code: string; message: string } {
  const message =
    (error.data?.message ?? error.name).split("\n    at ", 1)[0]?.trim().slice(0, MESSAGE_LIMIT) ?? error.name;
  if (/model not found/i.test(message)) return { code: "model.unknown", message };
  const ofProvider =
    error.name === "APIError" || error.name === "ProviderAuthError" || error.data?.statusCode !== undefined;
  return { code: ofProvider ? "provider.failed" : "agent.failed", message };
}

/** How a turn ended. A stop that was asked for is an interruption, whatever else happened on the way. Pure. */
export function decideOutcome({ stopRequested, aborted, crash, error }: TurnEnd): TurnOutcome {
  if (stopRequested) return { outcome: "interrupted" };
  if (crash !== undefined)
    return { outcome: "failed", error: { code: "agent.failed", message: crash.slice(0, MESSAGE_LIMIT) } };
  if (error) return { outcome: "failed", error: describeAgentError(error) };
  return { outcome: aborted ? "interrupted" : "completed" };
}
