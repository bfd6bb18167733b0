import type { NewSessionEvent, SessionEventType } from "@background-agents/shared/protocol/session-events";
import { TITLE_LIMIT, type SettledPart } from "@background-agents/shared/sessions/part";
import type { Redactor } from "../secrets/redact.ts";

/** What of an event is words, and not a name that something is found by. */
const WORDS: Partial<Record<SessionEventType, readonly string[]>> = {
  "sandbox.queued": ["cause"],
  "sandbox.booting": ["message"],
  "sandbox.stopping": ["reason"],
  "sandbox.stopped": ["reason"],
  "sandbox.failed": ["reason", "logTail"],
  "prompt.failed": ["message"],
  "prompt.interrupted": ["reason"],
  "question.asked": ["questions"],
  "question.answered": ["answers"],
  "permission.asked": ["patterns"],
  "permission.answered": ["message"],
  "todo.updated": ["todos"],
  "retry.scheduled": ["message"],
  "checkpoint.failed": ["reason"],
  "branch.conflicted": ["reason"],
  "comment.resolved": ["outcome"],
  "job.started": ["summary"],
  "job.succeeded": ["result"],
  "job.failed": ["error"],
  "approval.asked": ["summary", "details"],
  "approval.answered": ["message"],
  "egress.blocked": ["host", "reason"],
  "setup.ended": ["logTail"],
  "notice.raised": ["message"],
};

/** No text of the contract has a lower limit; a name in the place of a short value may make it longer. */
const SHORTEST_LIMIT = 200;

/**
 * The event without known secret values in what the agent, its tools or the server say. What the user wrote stays as it
 * is: it goes to the agent word for word. Pure.
 */
export function redactEvent(event: NewSessionEvent, redactor: Redactor): NewSessionEvent {
  if (redactor.isEmpty) return event;
  if (event.type === "part.settled") return { ...event, data: redactPart(event.data, redactor) };
  if (event.actor === "user" && !event.type.startsWith("job.")) return event;
  const words = WORDS[event.type];
  if (!words) return event;
  const data: Record<string, unknown> = { ...event.data };
  for (const word of words) if (data[word] !== undefined) data[word] = redactDeep(data[word], redactor);
  // The end of a longer log: what it begins with may be the rest of a value.
  if ("logTail" in event.data) data["logTail"] = fit(redactor.cut(event.data.logTail, "start"), event.data.logTail);
  return { ...event, data } as NewSessionEvent;
}

function redactPart(part: SettledPart, redactor: Redactor): SettledPart {
  const { text, tool, ...rest } = part;
  return {
    ...rest,
    ...(text !== undefined && { text: redactor.text(text) }),
    ...(tool && { tool: redactTool(tool, redactor) }),
  };
}

/** A tool call, open or settled. */
export function redactTool<
  T extends { title?: string | undefined; input?: Record<string, unknown> | undefined; output?: string | undefined },
>(tool: T, redactor: Redactor): T {
  const redacted: Record<string, unknown> = { ...tool };
  for (const name of ["output", "error", "patch"]) {
    const text = redacted[name];
    if (typeof text === "string") redacted[name] = redactor.text(text);
  }
  if (tool.title !== undefined) {
    const isCut = tool.title.length >= TITLE_LIMIT;
    redacted["title"] = fit(isCut ? redactor.cut(tool.title, "end") : redactor.text(tool.title), tool.title);
  }
  if (tool.input !== undefined) redacted["input"] = redactDeep(tool.input, redactor);
  return redacted as T;
}

/** Every text in a value; none gets longer than what its limit is sure to allow. */
function redactDeep(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return fit(redactor.text(value), value);
  if (Array.isArray(value)) return value.map((one) => redactDeep(one, redactor));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [redactor.text(key), redactDeep(one, redactor)]));
}

const fit = (redacted: string, text: string): string => redacted.slice(0, Math.max(text.length, SHORTEST_LIMIT));
