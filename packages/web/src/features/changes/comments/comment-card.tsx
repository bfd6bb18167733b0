"use client";

import { newId } from "@background-agents/shared/ids";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { useState } from "react";
import { removeComment, sendComments, updateComment } from "../../../api/reviews-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { cn } from "../../../lib/class-names.ts";
import { Markdown } from "../../../ui/markdown.tsx";
import { PatchView } from "../../../ui/patch-view.tsx";
import { showError, showToast } from "../../../ui/toast.tsx";
import { useReview } from "../review-context.tsx";
import { CommentField } from "./comment-field.tsx";
import { groupOf, isOutdated, linesWords, statusWords } from "./comment-words.ts";

const EDGE = { draft: "border-l-ink-3", open: "border-l-need", closed: "border-l-good" } as const;
const WORDS = { draft: "text-ink-3", open: "text-need", closed: "text-good" } as const;

/** One comment of the review in the diff: what was said, and what came of it. */
export function CommentCard({ comment, adrift }: { comment: ReviewComment; adrift: boolean }) {
  const [editing, setEditing] = useState(false);
  const [folded, setFolded] = useState(comment.status === "resolved");
  const { sessionId, nameOf } = useReview();
  const { outcome, anchor, current } = comment;
  const group = groupOf(comment);
  const turn = outcome?.checkpointId ? nameOf(outcome.checkpointId) : null;
  return (
    <article
      data-testid="comment"
      data-status={comment.status}
      aria-label={`Comment on ${linesWords(anchor.lines)} of ${anchor.path}, ${statusWords(comment, turn)}`}
      className={cn(
        "my-1 mr-3 max-w-[44rem] overflow-hidden rounded-md border border-l-2 bg-raise font-sans text-sm whitespace-normal",
        EDGE[group],
      )}
    >
      <header className="flex flex-wrap items-center gap-x-1.5 px-3 pt-1.5 text-xs whitespace-nowrap text-ink-3">
        <span className="font-medium text-ink">You</span>
        <span className={WORDS[group]}>{statusWords(comment, turn)}</span>
        {!adrift && anchor.lines.start !== anchor.lines.end && <span>{linesWords((current ?? anchor).lines)}</span>}
        {adrift && (
          <span>
            {isOutdated(comment) ? "outdated, was on " : "on "}
            {anchor.side === "old" && "removed "}
            {linesWords(anchor.lines)}
          </span>
        )}
        <Acts comment={comment} folded={folded} onFold={setFolded} onEdit={() => setEditing(true)} />
      </header>
      {editing && comment.status === "draft" ? (
        <CommentField
          keep={`comment.${comment.id}`}
          initial={comment.text}
          label="Text of the comment"
          save="Save"
          onCancel={() => setEditing(false)}
          onSave={async (text) => {
            await updateComment(sessionId, comment.id, { text });
            setEditing(false);
          }}
        />
      ) : (
        <div className={cn("px-3 pb-2", folded && "truncate text-ink-3")}>
          {folded ? comment.text : <Said comment={comment} adrift={adrift} />}
        </div>
      )}
      {!folded && outcome && <Outcome comment={comment} />}
    </article>
  );
}

function Said({ comment: { text, anchor }, adrift }: { comment: ReviewComment; adrift: boolean }) {
  return (
    <>
      {adrift && anchor.quote !== "" && (
        <pre className="code-block scroll-quiet mt-1 max-h-32 overflow-auto border-l-2 pl-2 text-ink-3">
          {anchor.quote}
        </pre>
      )}
      <p className="pt-0.5 [overflow-wrap:anywhere] whitespace-pre-wrap">{text}</p>
    </>
  );
}

function Outcome({ comment: { outcome, anchor, current } }: { comment: ReviewComment }) {
  const [open, setOpen] = useState(false);
  if (!outcome) return null;
  return (
    <div className="border-t text-ink-2">
      {outcome.answer && (
        <div className="px-3 py-1.5 [&_.prose-agent]:text-sm">
          <Markdown text={outcome.answer} />
        </div>
      )}
      {outcome.hunk && (
        <>
          <button
            type="button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className="px-3 py-1 text-xs text-accent hover:underline"
          >
            {open ? "Hide what changed" : "See what changed"}
          </button>
          {open && <PatchView patch={outcome.hunk} path={current?.path ?? anchor.path} />}
        </>
      )}
    </div>
  );
}

function Acts({
  comment,
  folded,
  onFold,
  onEdit,
}: {
  comment: ReviewComment;
  folded: boolean;
  onFold: (folded: boolean) => void;
  onEdit: () => void;
}) {
  const { sessionId, addComment } = useReview();
  const act = (work: Promise<unknown>) => void work.catch((error: unknown) => showError(messageOf(error)));

  async function remove(): Promise<void> {
    const { text, anchor } = comment;
    await removeComment(sessionId, comment.id);
    const undo = () => act(addComment({ path: anchor.path, side: anchor.side, lines: anchor.lines }, text));
    showToast({ text: "Comment deleted", action: { label: "Undo", run: undo } });
  }

  return (
    <span className="ml-auto flex shrink-0 items-center">
      {comment.status === "draft" ? (
        <>
          <Act label="Edit" onClick={onEdit} />
          <Act label="Delete" onClick={() => act(remove())} />
        </>
      ) : groupOf(comment) === "closed" ? (
        <>
          <Act label={folded ? "Show" : "Hide"} onClick={() => onFold(!folded)} />
          <Act label="Reopen" onClick={() => act(updateComment(sessionId, comment.id, { status: "sent" }))} />
        </>
      ) : (
        <>
          {comment.sendable === "again" && <SendAgain comment={comment} />}
          <Act
            label="Resolve"
            onClick={() => {
              onFold(true);
              act(updateComment(sessionId, comment.id, { status: "resolved" }));
            }}
          />
        </>
      )}
    </span>
  );
}

/** For what a turn left open: the agent gets this comment alone, after what it works on now. */
function SendAgain({ comment: { id } }: { comment: ReviewComment }) {
  const { sessionId } = useReview();
  const [sending, setSending] = useState(false);

  async function send(): Promise<void> {
    setSending(true);
    try {
      await sendComments(sessionId, { id: newId("prompt"), commentIds: [id] });
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setSending(false);
    }
  }

  return <Act label="Send again" disabled={sending} onClick={() => void send()} />;
}

function Act({ label, disabled = false, onClick }: { label: string; disabled?: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onClick}
      className="rounded-sm px-1.5 py-0.5 text-xs text-ink-3 transition-colors duration-120 hover:bg-hover hover:text-ink"
    >
      {label}
    </button>
  );
}
