import type { Question } from "@background-agents/shared/sessions/asking";

/** What the user has chosen for one question so far. */
export interface AnswerDraft {
  /** Labels of options. */
  chosen: readonly string[];
  /** Words of their own; count where they are not blank. */
  own: string;
}

export const EMPTY_ANSWER: AnswerDraft = { chosen: [], own: "" };

/** Pure: the draft with the option chosen, or no longer. A question with one answer takes it in place of any other. */
export function pickOption(question: Question, draft: AnswerDraft, label: string): AnswerDraft {
  if (!question.multiple) return { chosen: [label], own: "" };
  const chosen = draft.chosen.includes(label)
    ? draft.chosen.filter((other) => other !== label)
    : [...draft.chosen, label];
  return { ...draft, chosen };
}

/** Pure: the draft with words of the user's own, which stand in place of an option where only one answer is taken. */
export function writeOwn(question: Question, draft: AnswerDraft, own: string): AnswerDraft {
  return { chosen: question.multiple || own.trim() === "" ? draft.chosen : [], own };
}

/** Pure: the labels and own words that would be sent, in the order of the options. */
export function answersOf(question: Question, { chosen, own }: AnswerDraft): string[] {
  const labels = question.options.map(({ label }) => label).filter((label) => chosen.includes(label));
  return own.trim() === "" ? labels : [...labels, own.trim()];
}
