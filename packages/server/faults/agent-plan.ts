import { z } from "zod";

/** What the simulated agent makes of a prompt. It is written into the prompt, so that it survives whatever is killed. */
export const AgentPlan = z.object({
  parts: z.int().default(4),
  /** Deltas in a part, and the characters of each. */
  deltas: z.int().default(6),
  characters: z.int().default(40),
  /** Pause after each delta. */
  paceMs: z.number().default(6),
  /** What it asks before its second part. */
  asks: z.enum(["question", "permission"]).optional(),
  /** Lets the model speak, through the gateway, instead of itself. */
  model: z.boolean().default(false),
  /** Goes on until it is stopped. */
  endless: z.boolean().default(false),
  save: z.enum(["checkpoint", "nothing", "hostile"]).default("checkpoint"),
});
export type AgentPlan = z.infer<typeof AgentPlan>;

/** The prompt's text for a plan; `label` tells prompts of one fault apart. */
export function writePlan(label: string, plan: Partial<AgentPlan> = {}): string {
  return `${label} ${JSON.stringify(plan)}`;
}

export function readPlan(text: string): AgentPlan {
  return AgentPlan.parse(JSON.parse(text.slice(Math.max(0, text.indexOf("{"))) || "{}"));
}
