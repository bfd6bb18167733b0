import type { PromptId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { OpenPart, SettledPart } from "@background-agents/shared/sessions/part";
import { idsOf } from "./prompt-endings.ts";
import { activePrompt, type SessionState } from "./session-state.ts";

/** Pure: what was heard of the running turn and had not settled when its sandbox ended, as events. Nobody will settle it. */
export function settleUnfinished(
  state: SessionState,
  openParts: readonly { promptId: PromptId; part: OpenPart }[],
  now: Date,
): NewSessionEvent[] {
  const active = activePrompt(state);
  if (!active) return [];
  return openParts
    .filter(({ promptId, part }) => promptId === active.id && (part.text !== "" || part.tool !== undefined))
    .toSorted((a, b) => a.part.index - b.part.index)
    .map(({ part }) => ({ type: "part.settled", actor: "agent", ...idsOf(active), data: settle(part, now) }));
}

function settle({ partId, kind, index, parentPartId, text, tool }: OpenPart, now: Date): SettledPart {
  const part = { partId, kind, index, ...(parentPartId !== undefined && { parentPartId }), text, partial: true };
  if (!tool) return part;
  const { startedAt, ...call } = tool;
  const durationMs = startedAt === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(startedAt));
  return { ...part, tool: { ...call, input: call.input ?? {}, status: "interrupted", durationMs } };
}
