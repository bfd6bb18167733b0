import type { DiffSide, LineRange } from "@background-agents/shared/reviews/comment";

export interface ComposedComment {
  path: string;
  side: DiffSide;
  lines: LineRange;
  quote: string;
  text: string;
  /** The lines are no longer as they were. */
  outdated: boolean;
}

/** The name that the n-th comment (from 1) has in the prompt: the agent answers to it. */
export function commentName(number: number): string {
  return `C${number}`;
}

/** Pure: a review as one prompt. The first comment is `C1`. */
export function composeReview(message: string | undefined, comments: readonly ComposedComment[]): string {
  const several = comments.length > 1;
  const begin = several
    ? `Here are ${comments.length} review comments on your changes. Address each of them.`
    : "Here is a review comment on your changes. Address it.";
  const answer =
    "Where a comment needs no change, or you disagree, answer it instead, in a line of its own that begins with its " +
    `name, like this: \`${commentName(1)}: …\``;
  const parts = comments.map((comment, index) => describeComment(commentName(index + 1), comment));
  const own = message?.trim() ? [message.trim()] : [];
  return [...own, `${begin} ${answer}`, ...parts].join("\n\n");
}

function describeComment(name: string, { path, side, lines, quote, text, outdated }: ComposedComment): string {
  const range = lines.start === lines.end ? `line ${lines.start}` : `lines ${lines.start}–${lines.end}`;
  const notes = [
    ...(side === "old" ? ["as it was before your changes"] : []),
    ...(outdated ? ["these lines have changed since"] : []),
  ];
  const where = `${path}, ${range}${notes.length > 0 ? ` (${notes.join("; ")})` : ""}`;
  const fence = fenceFor(quote);
  return [`${name} · ${where}`, `${fence}\n${quote}\n${fence}`, text.trim()].join("\n");
}

/** Longer than every run of backticks inside, so that nothing in the quote can end it. */
function fenceFor(quote: string): string {
  const longest = Math.max(2, ...(quote.match(/`+/g) ?? []).map((run) => run.length));
  return "`".repeat(longest + 1);
}
