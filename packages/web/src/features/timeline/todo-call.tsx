import { Todo } from "@background-agents/shared/sessions/part";
import { z } from "zod";
import { cn } from "../../lib/class-names.ts";
import type { ToolCall } from "../../lib/describe-tool.ts";

const WORDS = { pending: "open", in_progress: "being done", completed: "done", cancelled: "dropped" };

/** The agent's plan as a checklist. */
export function TodoCall({ call }: { call: ToolCall }) {
  const todos = z.array(Todo).safeParse(call.input.todos).data ?? [];
  if (todos.length === 0) return null;
  return (
    <ul aria-label="Plan" className="flex flex-col gap-0.5 py-1">
      {todos.map(({ content, status }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- two items may have the same words
        <li key={at} className={cn("flex gap-2.5", status === "completed" || status === "cancelled" ? "text-ink-3" : "text-ink-2")}>
          <Box status={status} />
          <span className={cn("min-w-0 break-words", status === "cancelled" && "line-through", status === "in_progress" && "text-ink")}>
            {content}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Box({ status }: { status: Todo["status"] }) {
  return (
    <svg viewBox="0 0 15 15" width={15} height={15} fill="none" role="img" aria-label={WORDS[status]} className="mt-[3px] shrink-0">
      <rect x="1.75" y="1.75" width="11.5" height="11.5" rx="3" strokeWidth="1.4" className={status === "in_progress" ? "stroke-accent" : "stroke-line-strong"} />
      {status === "completed" && <path d="m4.6 7.7 2 2 3.9-4.4" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" className="stroke-ink-3" />}
      {status === "in_progress" && <circle cx="7.5" cy="7.5" r="2" className="fill-accent" />}
      {status === "cancelled" && <path d="M4.8 7.5h5.4" strokeWidth="1.5" strokeLinecap="round" className="stroke-ink-3" />}
    </svg>
  );
}
