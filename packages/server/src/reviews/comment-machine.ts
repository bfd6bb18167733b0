import type { PromptId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { CommentOutcome, Sendable } from "@background-agents/shared/reviews/comment";
import type { Prompt } from "@background-agents/shared/sessions/session";
import { AppError } from "../lib/app-error.ts";
import { activePrompt, hasEnded, type SessionState } from "../sessions/session-state.ts";
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
 * That one is sent (a draft, or again) is decided with its prompt, see {@link findSendable} and {@link sendComment}.
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

/** Pure: whether an open comment can be sent, where its prompt is this one; undefined while that is on its way. */
export function findSendable(
  { status, promptId }: StoredComment,
  prompt: Prompt | undefined,
  state: SessionState,
): Sendable | undefined {
  if (status !== "draft" && status !== "sent") return undefined;
  if (promptId === null || prompt?.status === "cancelled") return "next";
  return prompt && !isOver(prompt, state) ? undefined : "again";
}

/** Pure: the prompt's turn is over. One that was steered into a turn ends before that does. */
export function isOver(prompt: Prompt, state: SessionState): boolean {
  return hasEnded(prompt) && (prompt.turnId === null || activePrompt(state)?.turnId !== prompt.turnId);
}

function requireDraft({ status }: StoredComment, done: string): void {
  if (status === "draft") return;
  throw new AppError("comment.not-draft", `The comment was sent already (${status}): only a draft can be ${done}.`);
}
