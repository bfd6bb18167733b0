import { z } from "zod";

/**
 * In the mode `ask`: what of the agent's commands (`bash`), edits (`edit`) and web requests (`webfetch`) is asked, allowed
 * or refused without asking. `*` stands for any characters; the last rule that fits wins; what no rule fits is asked.
 * A guide for an honest agent, not a guarantee.
 */
export const PermissionRule = z.strictObject({
  tool: z.enum(["bash", "edit", "webfetch"]),
  pattern: z.string().trim().min(1).max(300),
  action: z.enum(["ask", "allow", "deny"]),
});
export type PermissionRule = z.infer<typeof PermissionRule>;
