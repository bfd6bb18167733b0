import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { MessageSquareText } from "lucide-react";
import { sendTo } from "../../api/session-room.ts";

type CommentsEntry = Extract<TimelineEntry, { kind: "comments" }>;

/** `Review comments: 2 addressed, 1 answered · Show`. */
export function CommentsLine({ entry }: { entry: CommentsEntry }) {
  const { addressed, answered, resolved, reopened } = entry;
  const parts = [
    addressed > 0 && `${addressed} addressed`,
    answered > 0 && `${answered} answered`,
    resolved > 0 && `${resolved} closed by you`,
    reopened > 0 && `${reopened} opened again`,
  ].filter((part) => part !== false);
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <MessageSquareText size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0">
        Review comments: {parts.join(", ")}
        {" · "}
        <button
          type="button"
          onClick={() => sendTo("changes")}
          className="text-accent underline-offset-2 hover:underline"
        >
          Show
        </button>
      </span>
    </p>
  );
}
