/** Names the session a commit was made in, in the commit's trailer. */
export const SESSION_TRAILER = "Background-Agents-Session";

const SUBJECT_LIMIT = 72;

/** A commit's message: the first line of `text`, cut to a subject's length, and the session's id as a trailer. */
export function commitMessage(text: string, sessionId: string): string {
  const line = text.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? "";
  const subject = line.length <= SUBJECT_LIMIT ? line : `${line.slice(0, SUBJECT_LIMIT - 1).trimEnd()}…`;
  return `${subject || "Work of the agent"}\n\n${SESSION_TRAILER}: ${sessionId}\n`;
}
