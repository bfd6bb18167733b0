import type { SessionEvent } from "../protocol/session-events.ts";
import { budgetWords } from "../usage/budget.ts";
import type { PlacedEntry } from "./order-entries.ts";
import type { CheckpointEntry, TimelineEntry, Turn } from "./timeline.ts";

/** A turn while its events are being read. */
export interface Draft {
  turn: Turn;
  placed: PlacedEntry[];
  settledParts: Set<string>;
  checkpoint: CheckpointEntry | null;
}

/** Brings a turn up to date with the next event that belongs to it; changes the draft in place. */
export function applyTurnEvent(draft: Draft, event: SessionEvent): void {
  const { turn, placed } = draft;
  const key = `${event.type}-${event.seq}`;
  switch (event.type) {
    case "prompt.started":
      turn.status = "running";
      turn.startedAt = event.at;
      return;
    case "prompt.saving":
      turn.status = "saving";
      return;
    case "prompt.stopping":
      turn.status = "stopping";
      return;
    case "prompt.completed":
      end(draft, "completed", event);
      turn.durationMs = event.data.durationMs;
      turn.checkpointId ??= event.data.checkpointId;
      return;
    case "prompt.interrupted":
      end(draft, "interrupted", event);
      // The budget that stopped it has said so, with what was used. It may have been stopped by something else though.
      if (findEntry(draft, "budget", ({ reached, use }) => reached && event.data.reason.includes(budgetWords(use))))
        return;
      place(placed, { kind: "interrupted", key, reason: event.data.reason });
      return;
    case "part.settled": {
      const part = event.data;
      if (draft.settledParts.has(part.partId)) {
        const known = placed.find(({ entry }) => entry.kind === "part" && entry.part.partId === part.partId);
        if (known?.entry.kind === "part" && known.entry.part.partial && !part.partial) {
          known.entry = { ...known.entry, part };
        }
        return;
      }
      draft.settledParts.add(part.partId);
      placed.push({ entry: { kind: "part", key: part.partId, part, children: [] }, index: part.index });
      return;
    }
    case "todo.updated":
      turn.todos = event.data.todos;
      return;
    case "retry.scheduled":
      // Tries of one request follow each other: the newest stands for them.
      if (placed.at(-1)?.entry.kind === "retry") placed.pop();
      place(placed, { kind: "retry", key, at: event.at, over: false, ...event.data });
      return;
    case "usage.recorded": {
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = event.data;
      const before = turn.usage ?? { inputTokens: 0, outputTokens: 0, costUsd: 0 };
      turn.usage = {
        inputTokens: before.inputTokens + inputTokens + cacheReadTokens + cacheWriteTokens,
        outputTokens: before.outputTokens + outputTokens,
        costUsd: before.costUsd + costUsd,
      };
      return;
    }
    case "checkpoint.created": {
      const { checkpointId, commit, files, additions, deletions, turn: own, origin = "turn" } = event.data;
      // A push by the agent is told by its own line; the turn's end has yet to come.
      if (origin === "agent-push") return;
      const total = { files, additions, deletions };
      turn.checkpointId = checkpointId;
      turn.changes = own ?? null;
      draft.checkpoint = {
        kind: "checkpoint",
        key,
        checkpointId,
        commit,
        origin,
        total,
        turn: own ?? null,
        published: null,
        conflict: null,
      };
      return place(placed, draft.checkpoint);
    }
    case "checkpoint.failed":
      return place(placed, { kind: "save-failed", key, reason: event.data.reason });
    case "question.asked":
      return place(placed, { kind: "question", key, ...event.data, answers: undefined });
    case "question.answered": {
      const question = findEntry(draft, "question", (asked) => asked.questionId === event.data.questionId);
      if (question) question.answers = event.data.answers;
      return;
    }
    case "permission.asked":
      return place(placed, { kind: "permission", key, ...event.data, reply: null, message: null });
    case "permission.answered": {
      const asked = findEntry(draft, "permission", (other) => other.permissionId === event.data.permissionId);
      if (asked) Object.assign(asked, { reply: event.data.reply, message: event.data.message ?? null });
      return;
    }
    case "stop.escalated":
      return place(placed, { kind: "stop-escalated", key, ...event.data });
    case "notice.raised":
      return place(placed, noticeEntry(event));
    default:
      return;
  }
}

/** The newest entry of a kind that matches: ids of what the agent asks can come again in a later process of it. */
function findEntry<K extends TimelineEntry["kind"]>(
  draft: Draft,
  kind: K,
  matches: (entry: Extract<TimelineEntry, { kind: K }>) => boolean,
): Extract<TimelineEntry, { kind: K }> | undefined {
  const isIt = (entry: TimelineEntry): entry is Extract<TimelineEntry, { kind: K }> =>
    entry.kind === kind && matches(entry as Extract<TimelineEntry, { kind: K }>);
  return draft.placed.map(({ entry }) => entry).findLast(isIt);
}

/** Closes a turn. */
export function end(draft: Draft, status: "completed" | "failed" | "interrupted", event: SessionEvent): void {
  draft.turn.status = status;
  draft.turn.endedAt = event.at;
  draft.turn.lastSeq = event.seq;
}

/** Puts an entry where the turn has come to. */
export function place(placed: PlacedEntry[], entry: TimelineEntry): void {
  placed.push({ entry, index: null });
}

export function noticeEntry(event: Extract<SessionEvent, { type: "notice.raised" }>): TimelineEntry {
  return { kind: "notice", key: `notice-${event.seq}`, ...event.data };
}
