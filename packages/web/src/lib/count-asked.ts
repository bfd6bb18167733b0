import type { Session } from "@background-agents/shared/sessions/session";

/** How many things the agent waits to hear from the user. */
export function countAsked({ questions, permissions, approvals }: Session["asking"]): number {
  return questions.length + permissions.length + approvals.length;
}
