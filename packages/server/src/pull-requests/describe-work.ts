import { SESSION_TRAILER } from "@background-agents/shared/git/commit-message";
import type { Prompt, Session } from "@background-agents/shared/sessions/session";

const SUMMARY_LIMIT = 4000;
const PROMPT_LIMIT = 300;
const PROMPTS = 20;

/** The text that a pull request begins with: the agent's last words, what it was asked, and the session as a trailer. */
export function describeWork(session: Pick<Session, "id">, prompts: readonly Prompt[], lastAnswer: string): string {
  const asked = prompts.filter(({ status }) => status !== "cancelled" && status !== "queued").slice(-PROMPTS);
  const parts: string[] = [];
  const summary = lastAnswer.trim();
  if (summary !== "") parts.push(cut(summary, SUMMARY_LIMIT));
  if (asked.length > 0) {
    const lines = asked.map(({ text }) => `- ${cut(text.replace(/\s+/g, " ").trim(), PROMPT_LIMIT)}`);
    parts.push(`### What was asked\n\n${lines.join("\n")}`);
  }
  parts.push(`${SESSION_TRAILER}: ${session.id}`);
  return parts.join("\n\n");
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit).trimEnd()}…`;
}
