"use client";

import type { Question } from "@background-agents/shared/sessions/asking";
import { useId } from "react";
import { cn } from "../../lib/class-names.ts";
import { InlineCode } from "../../ui/inline-code.tsx";
import type { AnswerDraft } from "./answer-draft.ts";

/** One question: its options, one or several of them to choose, and words of one's own where it takes them. */
export function QuestionField({
  name,
  question,
  draft,
  withHeader,
  numbered,
  onPick,
  onWrite,
}: {
  name: string;
  question: Question;
  draft: AnswerDraft;
  withHeader: boolean;
  /** Whether the digits choose here. */
  numbered: boolean;
  onPick: (label: string) => void;
  onWrite: (own: string) => void;
}) {
  const type = question.multiple ? "checkbox" : "radio";
  const heading = useId();
  return (
    <div role={question.multiple ? "group" : "radiogroup"} aria-labelledby={heading} className="pt-1 pb-1.5">
      {withHeader && question.header !== "" && <p className="text-xs text-ink-2">{question.header}</p>}
      <h3 id={heading} className="text-prose font-medium break-words whitespace-pre-wrap">
        <InlineCode text={question.question} />
        {question.multiple && <span className="text-xs font-normal text-ink-2"> choose any number</span>}
      </h3>
      <div className="-mx-1.5 pt-1">
        {question.options.map((option, at) => {
          const checked = draft.chosen.includes(option.label);
          return (
            <label
              key={option.label}
              className={cn(
                "flex cursor-pointer items-baseline gap-2.5 rounded-md px-1.5 py-1 max-md:py-2",
                checked ? "bg-raise" : "hover:bg-raise/60",
              )}
            >
              <input
                type={type}
                name={name}
                checked={checked}
                onChange={() => onPick(option.label)}
                className="size-3.5 shrink-0 translate-y-0.5 accent-accent"
              />
              <span className="min-w-0 flex-1 break-words">
                <span className={cn(checked && "font-medium")}>
                  <InlineCode text={option.label} />
                </span>
                {option.description !== "" && <span className="block text-xs text-ink-2">{option.description}</span>}
              </span>
              {numbered && at < 9 && (
                <kbd
                  aria-hidden
                  className="hidden font-sans text-2xs text-ink-3 md:inline [@media(pointer:coarse)]:hidden"
                >
                  {at + 1}
                </kbd>
              )}
            </label>
          );
        })}
      </div>
      {question.custom !== false && (
        <input
          type="text"
          aria-label={`Answer in your own words: ${question.question}`}
          placeholder={question.options.length === 0 ? "Your answer" : "Or in your own words"}
          value={draft.own}
          maxLength={8000}
          onChange={(event) => onWrite(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          className="mt-1 h-8 w-full rounded-md border border-line-strong bg-raise px-2.5 focus:border-ink-3 max-md:text-[16px]"
        />
      )}
    </div>
  );
}
