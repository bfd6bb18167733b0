import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { MessageCircleQuestion } from "lucide-react";
import { InlineCode } from "../../ui/inline-code.tsx";

/** What the agent asked and was told. While it waits, the card below asks; here is nothing yet. */
export function QuestionLine({
  question: { questions, answers },
  over,
}: {
  question: Extract<TimelineEntry, { kind: "question" }>;
  over: boolean;
}) {
  if (answers === undefined && !over) return null;
  return (
    <dl aria-label="Question and answer" className="flex flex-col gap-1 py-1">
      {questions.map(({ question }, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- the questions of one asking never change
        <div key={at} className="flex gap-2.5">
          <MessageCircleQuestion size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
          <div className="min-w-0">
            <dt className="break-words text-ink-2">
              <InlineCode text={question} />
            </dt>
            <dd className="break-words">
              {answers?.[at]?.length ? (
                <InlineCode text={answers[at].join(", ")} />
              ) : (
                <span className="text-ink-3">{answers === null ? "You would not answer" : "No answer"}</span>
              )}
            </dd>
          </div>
        </div>
      ))}
    </dl>
  );
}
