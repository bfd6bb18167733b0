import type { Session } from "@background-agents/shared/sessions/session";
import type { SetupState } from "@background-agents/shared/sessions/setup";
import { formatDuration } from "./format.ts";

/** Whether the setup script can be run again now; one with a container of its own needs the agent to be idle. */
export function canRunSetup({ setup, sandbox, status }: Pick<Session, "setup" | "sandbox" | "status">): boolean {
  if (setup?.apart !== true) return sandbox.status === "ready";
  return (
    ["ready", "stopped", "failed"].includes(sandbox.status) && !["starting", "working", "waiting"].includes(status)
  );
}

/** Which secrets a run had that was in a container of its own, in words; null of one that was not. */
export function apartWords({ apart, secretNames = [] }: Pick<SetupState, "apart" | "secretNames">): string | null {
  if (apart !== true) return null;
  return `in a container of its own${secretNames.length > 0 ? `, with ${secretNames.join(", ")}` : ""}`;
}

/** How a run of the setup script stands, in words. */
export function setupWords({ status, exitCode }: Pick<SetupState, "status" | "exitCode">): string {
  switch (status) {
    case "running":
      return "The setup script runs";
    case "ok":
      return "The setup script ran";
    case "failed":
      return `The setup script failed${exitCode === null ? "" : ` with exit code ${exitCode}`}`;
    case "timed-out":
      return "The setup script was ended: it printed nothing for too long";
    case "stopped":
      return "The setup script was stopped";
  }
}

/** How long a run took, in words; null while it goes on, and of one that ended unmeasured, with its container. */
export function ranFor({ durationMs }: Pick<SetupState, "durationMs">): string | null {
  return durationMs ? formatDuration(durationMs) : null;
}
