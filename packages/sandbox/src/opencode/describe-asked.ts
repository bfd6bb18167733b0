import type { PermissionAsked, QuestionAsked } from "@background-agents/shared/sessions/asking";
import type { PermissionRequest, QuestionRequest } from "./opencode-events.ts";

/** A question as the server takes it: what is longer than its limits is cut, never refused. Pure. */
export function describeQuestion({ id, questions }: QuestionRequest): QuestionAsked {
  return {
    questionId: id,
    questions: questions.slice(0, 20).map(({ question, header, options, multiple, custom }) => ({
      question: question.slice(0, 8000),
      header: header.slice(0, 200),
      options: options.slice(0, 50).map(({ label, description }) => ({
        label: label.slice(0, 500),
        description: description.slice(0, 2000),
      })),
      ...(multiple === undefined ? {} : { multiple }),
      ...(custom === undefined ? {} : { custom }),
    })),
  };
}

/** A permission request as the server takes it, cut to its limits. Pure. */
export function describePermission({ id, permission, patterns }: PermissionRequest): PermissionAsked {
  return {
    permissionId: id,
    permission: permission.slice(0, 200),
    patterns: patterns.slice(0, 100).map((pattern) => pattern.slice(0, 8000)),
  };
}
