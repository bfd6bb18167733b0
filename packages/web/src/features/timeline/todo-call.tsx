import { Todo } from "@background-agents/shared/sessions/part";
import { ListChecks } from "lucide-react";
import { z } from "zod";
import { cn } from "../../lib/class-names.ts";
import type { ToolCall } from "../../lib/describe-tool.ts";
import { plural } from "../../lib/format.ts";

const WORDS = { pending: "open", in_progress: "being done", completed: "done", cancelled: "dropped" };

/** The agent's plan as a checklist; one that a newer plan replaced is a line. */
export function TodoCall({ call, replaced }: { call: ToolCall; replaced: boolean }) {
  const todos = z.array(Todo).safeParse(call.input.todos).data ?? [];
  if (todos.length === 0) return null;
  if (replaced) return <ReplacedPlan todos={todos} />;
  return (
    <ul aria-label="Plan" className="flex flex-col gap-0.5 py-1">
      {todos.map(({ content, status }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- two items may have the same words
        <li
          key={at}
          className={cn("flex gap-2.5", status === "completed" || status === "cancelled" ? "text-ink-3" : "text-ink-2")}
        >
          <Box status={status} />
          <span
            className={cn(
              "min-w-0 break-words",
              status === "cancelled" && "line-through",
              status === "in_progress" && "text-ink",
            )}
          >
            {content}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ReplacedPlan({ todos }: { todos: Todo[] }) {
  const done = todos.filter(({ status }) => status === "completed").length;
  const current = todos.find(({ status }) => status === "in_progress");
  return (
    <p className="flex items-center gap-2.5 py-0.5 text-ink-2">
      <ListChecks size={15} className="shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 truncate">
        {done === 0 ? `Planned ${plural(todos.length, "step")}` : `${done} of ${plural(todos.length, "step")} done`}
        {current && <span className="text-ink-3"> · {current.content}</span>}
      </span>
    </p>
  );
}

function Box({ status }: { status: Todo["status"] }) {
  return (
    <svg
      viewBox="0 0 15 15"
      width={15}
      height={15}
      fill="none"
      role="img"
      aria-label={WORDS[status]}
      className="mt-[3px] shrink-0"
    >
      <rect
        x="1.75"
        y="1.75"
        width="11.5"
        height="11.5"
        rx="3"
        strokeWidth="1.4"
        className={status === "in_progress" ? "stroke-accent" : "stroke-line-strong"}
      />
      {status === "completed" && (
        <path
          d="m4.6 7.7 2 2 3.9-4.4"
          strokeWidth="1.5"
          strokeLinecap="round"
          strokeLinejoin="round"
          className="stroke-ink-3"
        />
      )}
      {status === "in_progress" && <circle cx="7.5" cy="7.5" r="2" className="fill-accent" />}
      {status === "cancelled" && (
        <path d="M4.8 7.5h5.4" strokeWidth="1.5" strokeLinecap="round" className="stroke-ink-3" />
      )}
    </svg>
  );
}
