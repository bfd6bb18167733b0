import type { HubFrame, ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import type { PermissionReply, QuestionAnswers } from "@background-agents/shared/sessions/asking";
import { describePermission, describeQuestion } from "../opencode/describe-asked.ts";
import type { OpenCodeClient } from "../opencode/opencode-client.ts";
import type { OpenCodeEvent, PermissionRequest, QuestionRequest } from "../opencode/opencode-events.ts";
import type { AcceptedPrompt } from "./prompt-store.ts";

export type AnswerOrder = Extract<HubFrame, { type: "question.answer" | "permission.answer" }>;

export interface AskingDeps {
  client: () => Promise<OpenCodeClient>;
  /** The prompt of the turn that runs. */
  prompt: () => AcceptedPrompt | undefined;
  report: (body: ReportBody) => void;
}

/**
 * Carries what the agent asks to the server and the answers back. What is asked is kept by OpenCode alone: after a gap
 * its lists tell what is still open. Without a running turn nothing is asked.
 */
export function createAsking({ client, prompt, report }: AskingDeps) {
  const open = new Map<string, "question" | "permission">();

  function ofTurn() {
    const current = prompt();
    return current && { promptId: current.promptId, turnId: current.turnId };
  }

  function onQuestion(request: QuestionRequest): void {
    const ids = ofTurn();
    if (!ids) return;
    if (request.questions.length === 0) {
      // There is nothing to show to anybody, yet the agent waits.
      void client().then((api) => api.answerQuestion(request.id, null));
      return;
    }
    open.set(request.id, "question");
    report({ kind: "question.asked", ...ids, ...describeQuestion(request) });
  }

  function onPermission(request: PermissionRequest): void {
    const ids = ofTurn();
    if (!ids) return;
    open.set(request.id, "permission");
    report({ kind: "permission.asked", ...ids, ...describePermission(request) });
  }

  function closeQuestion(questionId: string, answers: QuestionAnswers): void {
    const ids = ofTurn();
    open.delete(questionId);
    if (ids) report({ kind: "question.closed", ...ids, questionId, answers });
  }

  function closePermission(permissionId: string, reply: PermissionReply): void {
    const ids = ofTurn();
    open.delete(permissionId);
    if (ids) report({ kind: "permission.closed", ...ids, permissionId, reply });
  }

  function closeGone(id: string, kind: "question" | "permission"): void {
    if (kind === "permission") closePermission(id, "reject");
    else closeQuestion(id, null);
  }

  async function give(order: AnswerOrder): Promise<void> {
    const api = await client();
    if (order.type === "question.answer") {
      if (!(await api.answerQuestion(order.questionId, order.answers))) closeGone(order.questionId, "question");
    } else if (!(await api.answerPermission(order.permissionId, order))) closeGone(order.permissionId, "permission");
  }

  return {
    accept(event: OpenCodeEvent): void {
      if (event.type === "question.asked") onQuestion(event.properties);
      if (event.type === "permission.asked") onPermission(event.properties);
      if (event.type === "question.replied") {
        closeQuestion(event.properties.requestID, event.properties.answers);
      }
      if (event.type === "question.rejected") closeGone(event.properties.requestID, "question");
      if (event.type === "permission.replied") {
        closePermission(event.properties.requestID, event.properties.reply);
      }
    },
    /** Tells again what is open, and what no longer is: the server, or we, may have missed something. */
    async repeat(): Promise<void> {
      if (!prompt()) return;
      const api = await client();
      const [questions, permissions] = await Promise.all([api.listQuestions(), api.listPermissions()]);
      const still = new Set([...questions, ...permissions].map(({ id }) => id));
      for (const [id, kind] of open) if (!still.has(id)) closeGone(id, kind);
      for (const request of questions) onQuestion(request);
      for (const request of permissions) onPermission(request);
    },
    /** Gives an answer to the agent. What it no longer waits for is told as closed. */
    answer(order: AnswerOrder): void {
      give(order).catch((error: unknown) => {
        const message = `The agent did not take the answer: ${String(error)}. Stop the turn if it waits on.`;
        report({ kind: "notice", level: "warning", code: "agent.answer-refused", message });
      });
    },
  };
}

export type Asking = ReturnType<typeof createAsking>;
