import { z } from "zod";

/** What the agent may do by way of the server: asked each time, done at once, or refused. */
export const AgentPush = z.enum(["ask", "auto", "never"]);
export type AgentPush = z.infer<typeof AgentPush>;

/** Something the agent wants done outside of its sandbox. The server holds it until the user decides. */
export const Approval = z.object({
  approvalId: z.string().min(1).max(200),
  action: z.enum(["push", "pull-request"]),
  /** One line: what would happen. */
  summary: z.string().max(500),
  /** What exactly: lines of `name: value`, files that tools execute, the pull request's text. */
  details: z.array(z.string().max(8000)).max(100),
});
export type Approval = z.infer<typeof Approval>;

export const ApprovalOutcome = z.enum(["allowed", "refused", "withdrawn"]);
export type ApprovalOutcome = z.infer<typeof ApprovalOutcome>;
