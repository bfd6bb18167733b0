import type { BootPhase } from "@background-agents/shared/sessions/session";

export const PHASE_WORDS: Record<BootPhase, string> = {
  connect: "Container",
  clone: "Working tree",
  setup: "Set-up",
  agent: "Agent",
};
