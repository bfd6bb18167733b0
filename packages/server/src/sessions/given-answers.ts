import type { SessionId } from "@background-agents/shared/ids";
import type { HubFrame, ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { EventLog } from "../events/event-log.ts";

export type AnswerFrame = Extract<HubFrame, { type: "question.answer" | "permission.answer" }>;

/**
 * The answer that the log holds to what a report asks; undefined where it asks nothing, or something new. An agent asks
 * again after a lost link or a crash: what was answered is told it again, and the user is not asked twice.
 */
export function findGivenAnswer(events: EventLog, sessionId: SessionId, body: ReportBody): AnswerFrame | undefined {
  if (body.kind === "question.asked") {
    for (const event of events.listOfTypes(sessionId, ["question.answered"])) {
      if (event.type === "question.answered" && event.data.questionId === body.questionId) {
        return { type: "question.answer", ...event.data };
      }
    }
  }
  if (body.kind === "permission.asked") {
    for (const event of events.listOfTypes(sessionId, ["permission.answered"])) {
      if (event.type === "permission.answered" && event.data.permissionId === body.permissionId) {
        return { type: "permission.answer", ...event.data };
      }
    }
  }
  return undefined;
}
