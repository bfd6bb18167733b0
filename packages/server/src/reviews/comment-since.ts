import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { CommentId } from "@background-agents/shared/ids";

/** From when on work counts as dealing with a comment. */
export interface Since {
  commit: string;
  /** Its number in its prompt, and since which event answers count; null where none does any more (opened again). */
  asked: { number: number; seq: number } | null;
  /** The work as it is now was brought there by a turn, not by the user. */
  byTurn: boolean;
}

/** The events that {@link findSince} reads. */
export const SINCE_EVENTS = ["comment.sent", "comment.reopened", "checkpoint.created", "work.restored"] as const;

/**
 * Pure: where the work stood when the comment was sent, or opened again. Whatever the user did to the work since (went
 * back, discarded) is not the agent's doing, so it counts from there. Undefined where the comment was never sent.
 */
export function findSince(
  events: readonly SessionEvent[],
  commentId: CommentId,
  baseCommit: string,
): Since | undefined {
  let head = baseCommit;
  let since: Since | undefined;
  for (const event of events) {
    switch (event.type) {
      case "comment.sent": {
        const place = event.data.commentIds.indexOf(commentId);
        if (place >= 0) since = { commit: head, asked: { number: place + 1, seq: event.seq }, byTurn: false };
        break;
      }
      case "comment.reopened":
        if (event.data.commentId === commentId) since = { commit: head, asked: null, byTurn: false };
        break;
      case "checkpoint.created": {
        head = event.data.commit;
        const byAgent = ["turn", "agent-push"].includes(event.data.origin ?? "turn");
        if (since) since = byAgent ? { ...since, byTurn: true } : { ...since, commit: head, byTurn: false };
        break;
      }
      case "work.restored":
        head = event.data.commit;
        // A turn that moved the base did so beside its other work: what the agent did in it counts.
        if (since && event.actor !== "agent") since = { ...since, commit: head, byTurn: false };
        break;
      default:
        break;
    }
  }
  return since;
}
