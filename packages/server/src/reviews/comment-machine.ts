import type { PromptId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { CommentOutcome } from "@background-agents/shared/reviews/comment";
import { AppError } from "../lib/app-error.ts";
import type { StoredComment } from "./comment-store.ts";

export type CommentCommand =
  | { type: "edit"; text: string }
  | { type: "remove" }
  | { type: "resolve" }
  | { type: "reopen" }
  | { type: "settle"; status: "addressed" | "answered"; outcome: CommentOutcome };

/** What is recorded, and the comment after it; `null` where it is gone. No events: nothing changes. */
export interface CommentDecision {
  events: NewSessionEvent[];
  comment: StoredComment | null;
}

/**
 * Pure: what becomes of a comment. Throws `comment.not-draft` where only a draft can be changed.
 *
 * | status                        | command | records                     | becomes                       |
 * |-------------------------------|---------|-----------------------------|-------------------------------|
 * | draft                         | edit    | comment.edited              | draft                         |
 * | draft                         | remove  | comment.removed             | –                             |
 * | draft, sent                   | resolve | comment.resolved            | resolved                      |
 * | addressed, answered, resolved | reopen  | comment.reopened            | sent; draft where it never was sent |
 * | sent                          | settle  | comment.resolved            | addressed or answered         |
 *
 * That a draft is sent is decided with its prompt, see {@link sendComment}.
 */
export function decideComment(comment: StoredComment, command: CommentCommand, at: string): CommentDecision {
  const commentId = comment.id;
  const isOpen = comment.status === "draft" || comment.status === "sent";
  const nothing: CommentDecision = { events: [], comment };
  switch (command.type) {
    case "edit":
      requireDraft(comment, "edited");
      if (command.text === comment.text) return nothing;
      return {
        events: [{ type: "comment.edited", actor: "user", data: { commentId, text: command.text } }],
        comment: { ...comment, text: command.text },
      };
    case "remove":
      requireDraft(comment, "removed");
      return { events: [{ type: "comment.removed", actor: "user", data: { commentId } }], comment: null };
    case "resolve":
      if (!isOpen) return nothing;
      return {
        events: [{ type: "comment.resolved", actor: "user", data: { commentId, status: "resolved", outcome: null } }],
        comment: { ...comment, status: "resolved", closedAt: at },
      };
    case "reopen":
      if (isOpen) return nothing;
      return {
        events: [{ type: "comment.reopened", actor: "user", data: { commentId } }],
        comment: {
          ...comment,
          status: comment.promptId === null ? "draft" : "sent",
          outcome: null,
          closedAt: null,
        },
      };
    case "settle": {
      if (comment.status !== "sent") return nothing;
      const { status, outcome } = command;
      return {
        events: [{ type: "comment.resolved", actor: "server", data: { commentId, status, outcome } }],
        comment: { ...comment, status, outcome, closedAt: at },
      };
    }
  }
}

/** Pure: the comment as it is once the prompt has it. */
export function sendComment(comment: StoredComment, promptId: PromptId, at: string): StoredComment {
  return { ...comment, status: "sent", promptId, sentAt: at };
}

function requireDraft({ status }: StoredComment, done: string): void {
  if (status === "draft") return;
  throw new AppError("comment.not-draft", `The comment was sent already (${status}): only a draft can be ${done}.`);
}
