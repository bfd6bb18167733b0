import type { PromptId, TurnId } from "@background-agents/shared/ids";
import type { NewSessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Session } from "@background-agents/shared/sessions/session";
import type { CannedStep } from "./canned-session.ts";

/** A turn that asks: two questions on one card, then a permission; at last it is stopped, and not at once. */
export function cannedAskingTurn(promptId: PromptId, turnId: TurnId): CannedStep[] {
  const ids = { promptId, turnId };
  const questionId = `que-${promptId}`;
  const permissionId = `per-${promptId}`;
  const event = (given: NewSessionEvent): CannedStep => ({ event: given });
  const say = (partId: string, index: number, text: string): CannedStep =>
    event({ type: "part.settled", actor: "agent", ...ids, data: { partId, kind: "text", index, text } });
  return [
    event({ type: "prompt.starting", actor: "server", ...ids, data: {} }),
    event({ type: "prompt.started", actor: "agent", ...ids, data: { messageId: `msg-${promptId}` } }),
    say(`${promptId}-0`, 0, "Two things are open before I touch the table."),
    event({
      type: "question.asked",
      actor: "agent",
      ...ids,
      data: {
        questionId,
        questions: [
          {
            header: "Old column",
            question: "What should happen to `sessions.legacy_id`?",
            options: [
              { label: "Keep it", description: "Nothing else changes; it can go later." },
              { label: "Drop it now", description: "Clients older than 2.1 stop working." },
              { label: "Rename it to external_id", description: "" },
            ],
          },
          {
            header: "Checks",
            question: "Which checks should I run afterwards?",
            multiple: true,
            custom: false,
            options: ["Unit tests", "Type check", "A dry run on a copy"].map((label) => ({ label, description: "" })),
          },
        ],
      },
    }),
    { untilAnswered: questionId },
    say(`${promptId}-1`, 1, "Then I will clear the build directory first."),
    event({
      type: "permission.asked",
      actor: "agent",
      ...ids,
      data: { permissionId, permission: "bash", patterns: ["rm -rf build dist", "npm run migrate -- --dry-run"] },
    }),
    { untilAnswered: permissionId },
    event({ type: "prompt.stopping", actor: "user", ...ids, data: {} }),
    event({ type: "stop.escalated", actor: "agent", ...ids, data: { step: "restart-agent", afterMs: 10_000 } }),
    event({ type: "prompt.interrupted", actor: "agent", ...ids, data: { reason: "stopped" } }),
    event({ type: "sandbox.stopped", actor: "server", data: { reason: "idle", exitCode: 0 } }),
  ];
}

/** A turn that wants to push its branch: outside of the sandbox, so the user is asked. */
export function cannedPushTurn(promptId: PromptId, turnId: TurnId): CannedStep[] {
  const ids = { promptId, turnId };
  const approvalId = `apr-${promptId}`;
  const event = (given: NewSessionEvent): CannedStep => ({ event: given });
  return [
    event({ type: "prompt.starting", actor: "server", ...ids, data: {} }),
    event({ type: "prompt.started", actor: "agent", ...ids, data: { messageId: `msg-${promptId}` } }),
    event({
      type: "approval.asked",
      actor: "agent",
      ...ids,
      data: {
        approvalId,
        action: "push",
        summary: "push agents/rate-limit-public-api-k3v9qd to origin",
        details: [
          "to: git@github.com:acme/api.git",
          "branch: agents/rate-limit-public-api-k3v9qd",
          `commit: ${"b".repeat(40)}`,
          "commits: 2",
          "· Limit the public routes to 60 requests a minute",
          "· Test the 61st request",
          "files: 3 changed, +42 −7",
          "executed: .github/workflows/ci.yml: GitHub Actions runs it",
        ],
      },
    }),
    { untilAnswered: approvalId },
    event({
      type: "part.settled",
      actor: "agent",
      ...ids,
      data: { partId: `${promptId}-0`, kind: "text", index: 0, text: "Done with the push." },
    }),
    event({ type: "prompt.completed", actor: "agent", ...ids, data: { durationMs: 9000, checkpointId: null } }),
  ];
}

/** Pure: what is still open after an event; the same object where nothing changed. */
export function applyAsking(asking: Session["asking"], event: NewSessionEvent): Session["asking"] {
  const { questions, permissions, approvals } = asking;
  switch (event.type) {
    case "question.asked":
      return { ...asking, questions: [...questions, event.data] };
    case "permission.asked":
      return { ...asking, permissions: [...permissions, event.data] };
    case "approval.asked":
      return { ...asking, approvals: [...approvals, event.data] };
    case "approval.answered":
      return { ...asking, approvals: approvals.filter((asked) => asked.approvalId !== event.data.approvalId) };
    case "question.answered":
      return { ...asking, questions: questions.filter((asked) => asked.questionId !== event.data.questionId) };
    case "permission.answered":
      return {
        ...asking,
        permissions: permissions.filter((asked) => asked.permissionId !== event.data.permissionId),
      };
    default:
      return asking;
  }
}
