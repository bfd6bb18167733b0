import type { SetupState } from "@background-agents/shared/sessions/setup";

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
