import type { CheckpointId } from "@background-agents/shared/ids";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";

/** The state that the user brought the work to, which a workspace of a lower generation goes to. */
export interface RestoredWork {
  checkpointId: CheckpointId | null;
  commit: string;
  /** This generation brought another conversation. */
  conversation: boolean;
  /** The last generation that did; 0 where none did. */
  conversationGeneration: number;
  at: string;
  /** What the agent does not know of it yet: sentences for its next prompt. */
  news: string[];
}

type RestoredEvent = Extract<SessionEvent, { type: "work.restored" }>;

const NAMED_PATHS = 20;

/** Pure: what a workspace has to follow after `event`. */
export function nextRestored(before: RestoredWork | null, event: RestoredEvent): RestoredWork {
  const { checkpointId, commit, conversation, generation } = event.data;
  const known = conversation ? [] : (before?.news ?? []);
  return {
    checkpointId,
    commit,
    conversation,
    conversationGeneration: conversation ? generation : (before?.conversationGeneration ?? 0),
    at: event.at,
    news: conversation ? [] : [...new Set([...known, newsOf(event)])],
  };
}

/** Pure: a prompt's text as the agent gets it, with what happened to its work since the last turn. */
export function tellNews(text: string, news: readonly string[]): string {
  if (news.length === 0) return text;
  return `${text}\n\n[Since your last turn: ${news.join(" ")} Read files again before you change them.]`;
}

/** Pure: what brings a workspace to the state. */
export function toRestoreOrder(restored: RestoredWork, generation: number): NonNullable<SandboxSpec["restored"]> {
  const { checkpointId, commit, conversation, conversationGeneration } = restored;
  return { generation, checkpointId, commit, conversation, conversationGeneration };
}

function newsOf({ data }: RestoredEvent): string {
  switch (data.reason) {
    case "discard":
      return `the user discarded changes in ${namePaths(data.paths ?? [])}; do not bring them back unless asked.`;
    case "base-update":
      return `the user merged ${data.base?.branch ?? "the base branch"} into this branch.`;
    case "revert":
      return "the user brought the files to another state.";
  }
}

function namePaths(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED_PATHS).join(", ");
  return paths.length > NAMED_PATHS ? `${named} and ${paths.length - NAMED_PATHS} more files` : named;
}
