import type { LineRange, ReviewComment } from "@background-agents/shared/reviews/comment";

export type CommentGroup = "draft" | "open" | "closed";

/** Where a comment stands for the user: not sent yet, with the agent, or dealt with. */
export function groupOf({ status, sendable }: ReviewComment): CommentGroup {
  if (status === "draft" || sendable === "next") return "draft";
  return status === "sent" ? "open" : "closed";
}

export function linesWords({ start, end }: LineRange): string {
  return start === end ? `line ${start}` : `lines ${start}–${end}`;
}

/** The lines one further up (-1) or down (1), or reaching that much further; null where there is nothing above. */
export function moveLines({ start, end }: LineRange, by: 1 | -1, extend: boolean): LineRange | null {
  const moved = extend
    ? { start: by < 0 ? start - 1 : start, end: by > 0 ? end + 1 : end }
    : { start: end + by, end: end + by };
  return moved.start < 1 ? null : moved;
}

/** One line: what came of a comment, and with which turn. */
export function statusWords({ status, sendable, outcome }: ReviewComment, turn: string | null): string {
  switch (status) {
    case "draft":
      return "draft";
    case "sent":
      return sendable === "next" ? "taken back" : "open";
    case "addressed":
      return turn ? `addressed in ${turn}` : "addressed";
    case "answered":
      return turn ? `answered in ${turn}` : "answered";
    case "resolved":
      return outcome?.hunk ? "resolved, was addressed" : "resolved";
  }
}

/** The lines it was made on are there no more. Lines of the old side were taken away from the first. */
export function isOutdated({ anchor, current, status, outcome }: ReviewComment): boolean {
  return anchor.side === "new" && current === null && status !== "draft" && !outcome?.hunk;
}
