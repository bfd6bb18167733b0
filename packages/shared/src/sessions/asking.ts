import { z } from "zod";

/** What the agent asks of the user, in OpenCode's own terms. Ids are the agent's; they live as long as its process. */

export const Question = z.object({
  question: z.string().max(8000),
  header: z.string().max(200),
  options: z.array(z.object({ label: z.string().max(500), description: z.string().max(2000) })).max(50),
  multiple: z.boolean().optional(),
  /** The user may answer in words of their own. */
  custom: z.boolean().optional(),
});
export type Question = z.infer<typeof Question>;

export const QuestionAsked = z.object({
  questionId: z.string().min(1).max(200),
  questions: z.array(Question).min(1).max(20),
});
export type QuestionAsked = z.infer<typeof QuestionAsked>;

/** One list of chosen labels (or own words) for each question; null: the user will not answer. */
export const QuestionAnswers = z
  .array(z.array(z.string().max(8000)).max(50))
  .max(20)
  .nullable();
export type QuestionAnswers = z.infer<typeof QuestionAnswers>;

export const PermissionAsked = z.object({
  permissionId: z.string().min(1).max(200),
  /** What kind of act: `bash`, `edit`, `webfetch`, … */
  permission: z.string().max(200),
  /** What exactly: commands, paths, addresses. */
  patterns: z.array(z.string().max(8000)).max(100),
});
export type PermissionAsked = z.infer<typeof PermissionAsked>;

/** `always` holds for the patterns until the agent's process ends. */
export const PermissionReply = z.enum(["once", "always", "reject"]);
export type PermissionReply = z.infer<typeof PermissionReply>;
