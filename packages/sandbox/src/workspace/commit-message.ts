const SUBJECT_LIMIT = 72;

/** Message of the commit that takes what the agent left uncommitted: the prompt's first line and the session's id. */
export function commitMessage(promptText: string, sessionId: string): string {
  const line = promptText.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? "";
  const subject = line.length <= SUBJECT_LIMIT ? line : `${line.slice(0, SUBJECT_LIMIT - 1).trimEnd()}…`;
  return `${subject || "Work of the agent"}\n\nBackground-Agents-Session: ${sessionId}\n`;
}
