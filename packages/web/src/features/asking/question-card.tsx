"use client";

import type { QuestionAsked } from "@background-agents/shared/sessions/asking";
import { useState } from "react";
import { answerQuestion } from "../../api/sessions-client.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { showError } from "../../ui/toast.tsx";
import { answersOf, EMPTY_ANSWER, type AnswerDraft, pickOption, writeOwn } from "./answer-draft.ts";
import { AskingCard } from "./asking-card.tsx";
import { QuestionField } from "./question-field.tsx";

/** What the agent wants to know before it goes on; several questions are answered together. */
export function QuestionCard({ asked, more }: { asked: QuestionAsked; more: string }) {
  const { sessionId } = useSessionStore();
  const { questionId, questions } = asked;
  const [drafts, setDrafts] = useState<Record<number, AnswerDraft>>({});
  const [sending, setSending] = useState(false);
  const answers = questions.map((question, at) => answersOf(question, drafts[at] ?? EMPTY_ANSWER));
  const open = answers.findIndex(({ length }) => length === 0);
  const complete = open === -1;
  const alone = questions.length === 1 ? questions[0] : undefined;
  const [touched, setTouched] = useState<number | null>(null);
  // The digits belong to the question one is at: the one last touched while it takes several, else the next open one.
  const current = touched !== null && (questions[touched]?.multiple || complete) ? touched : Math.max(open, 0);

  function change(at: number, draft: AnswerDraft): void {
    setDrafts((before) => ({ ...before, [at]: draft }));
    setTouched(at);
  }

  function pick(digit: number): void {
    const question = questions[current];
    const option = question?.options[digit - 1];
    if (question && option) change(current, pickOption(question, drafts[current] ?? EMPTY_ANSWER, option.label));
  }

  function answer(given: string[][] | null): void {
    if (sending) return;
    setSending(true);
    answerQuestion(sessionId, questionId, { answers: given }).catch((error: unknown) => {
      setSending(false);
      showError(messageOf(error));
    });
  }

  return (
    <AskingCard
      label="The agent asks"
      kicker={`${alone?.header ? `The agent asks · ${alone.header}` : "The agent asks"}${more}`}
      onDigit={pick}
      onSubmit={() => {
        if (complete) answer(answers);
      }}
      actions={
        <>
          <Button look="primary" disabled={!complete || sending} onClick={() => answer(answers)}>
            {sending ? "Answering…" : "Answer"}
            <KeyHint keys="mod+enter" className="text-current opacity-75" />
          </Button>
          <Button look="quiet" disabled={sending} onClick={() => answer(null)}>
            Won’t answer
          </Button>
        </>
      }
    >
      {questions.map((question, at) => (
        <QuestionField
          // oxlint-disable-next-line react/no-array-index-key -- the questions of a card never change
          key={at}
          name={`${questionId}-${at}`}
          question={question}
          draft={drafts[at] ?? EMPTY_ANSWER}
          withHeader={!alone}
          numbered={at === current}
          onPick={(label) => change(at, pickOption(question, drafts[at] ?? EMPTY_ANSWER, label))}
          onWrite={(own) => change(at, writeOwn(question, drafts[at] ?? EMPTY_ANSWER, own))}
        />
      ))}
    </AskingCard>
  );
}
