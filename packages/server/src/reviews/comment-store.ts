import type { CommentId, PromptId, SessionId } from "@background-agents/shared/ids";
import type { CommentAnchor, CommentOutcome, ReviewComment } from "@background-agents/shared/reviews/comment";
import type { Database } from "../db/database.ts";

/** A comment as it is kept: where its lines are now, and whether it can be sent, is found out each time. */
export interface StoredComment extends Omit<ReviewComment, "current" | "sendable"> {
  /** The commit that the anchor's moment was when the comment was made. */
  commit: string;
}

interface CommentRow {
  id: string;
  session_id: string;
  text: string;
  status: string;
  anchor: string;
  prompt_id: string | null;
  outcome: string | null;
  created_at: string;
  sent_at: string | null;
  closed_at: string | null;
}

export type CommentStore = ReturnType<typeof createCommentStore>;

export function createCommentStore({ db }: { db: Database }) {
  const put = db.prepare(
    `INSERT INTO comments (id, session_id, text, status, anchor, prompt_id, outcome, created_at, sent_at, closed_at)
     VALUES (@id, @session_id, @text, @status, @anchor, @prompt_id, @outcome, @created_at, @sent_at, @closed_at)
     ON CONFLICT (id) DO UPDATE SET text = excluded.text, status = excluded.status, prompt_id = excluded.prompt_id,
       outcome = excluded.outcome, sent_at = excluded.sent_at, closed_at = excluded.closed_at`,
  );
  const remove = db.prepare("DELETE FROM comments WHERE id = ?");
  const one = db.prepare("SELECT * FROM comments WHERE session_id = ? AND id = ?");
  const all = db.prepare("SELECT * FROM comments WHERE session_id = ? ORDER BY id");
  const sent = db.prepare("SELECT * FROM comments WHERE session_id = ? AND status = 'sent' ORDER BY id");
  const waiting = db.prepare("SELECT DISTINCT session_id FROM comments WHERE status = 'sent'").pluck();

  return {
    save(comment: StoredComment): void {
      put.run(toRow(comment));
    },

    remove(id: CommentId): void {
      remove.run(id);
    },

    find(sessionId: SessionId, id: CommentId): StoredComment | undefined {
      const row = one.get(sessionId, id) as CommentRow | undefined;
      return row && toComment(row);
    },

    /** In the order they were made. */
    list(sessionId: SessionId): StoredComment[] {
      return (all.all(sessionId) as CommentRow[]).map(toComment);
    },

    /** Those that the agent has and has not dealt with. */
    listSent(sessionId: SessionId): StoredComment[] {
      return (sent.all(sessionId) as CommentRow[]).map(toComment);
    },

    /** Sessions with such comments. */
    listSessionsWithSent(): SessionId[] {
      return waiting.all() as SessionId[];
    },
  };
}

function toRow(comment: StoredComment): CommentRow {
  return {
    id: comment.id,
    session_id: comment.sessionId,
    text: comment.text,
    status: comment.status,
    anchor: JSON.stringify({ ...comment.anchor, commit: comment.commit }),
    prompt_id: comment.promptId,
    outcome: comment.outcome && JSON.stringify(comment.outcome),
    created_at: comment.createdAt,
    sent_at: comment.sentAt,
    closed_at: comment.closedAt,
  };
}

// The rows were written from validated values, so their strings are taken for what they were.
function toComment(row: CommentRow): StoredComment {
  const { commit, ...anchor } = JSON.parse(row.anchor) as CommentAnchor & { commit: string };
  return {
    id: row.id as CommentId,
    sessionId: row.session_id as SessionId,
    text: row.text,
    status: row.status as ReviewComment["status"],
    anchor,
    commit,
    promptId: row.prompt_id as PromptId | null,
    outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as CommentOutcome),
    createdAt: row.created_at,
    sentAt: row.sent_at,
    closedAt: row.closed_at,
  };
}
