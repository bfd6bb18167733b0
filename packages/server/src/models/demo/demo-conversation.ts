import { z } from "zod";

const TextBlock = z.object({ type: z.literal("text"), text: z.string() });
const ToolResultBlock = z.object({
  type: z.literal("tool_result"),
  tool_use_id: z.string(),
  is_error: z.boolean().optional(),
  content: z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]).optional(),
});
const OtherBlock = z.object({ type: z.string() });
const Block = z.union([TextBlock, ToolResultBlock, OtherBlock]);

/** The parts of an Anthropic Messages request that the scripted model looks at. */
export const MessagesRequest = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(
    z.object({ role: z.enum(["user", "assistant", "system"]), content: z.union([z.string(), z.array(Block)]) }),
  ),
  tools: z.array(z.object({ name: z.string() })).optional(),
});
export type MessagesRequest = z.infer<typeof MessagesRequest>;

export interface ToolResult {
  text: string;
  isError: boolean;
}

export interface DemoConversation {
  /** What the user asked, oldest first; the last one is the turn being answered. */
  prompts: string[];
  /** Results of the current turn's calls, by the id the call was made with. */
  results: Map<string, ToolResult>;
  tools: Set<string>;
}

/**
 * Reads the conversation anew from each request: the scripted model keeps no state between calls. Each text of the
 * user is a prompt of its own: after a turn without an answer the next prompt comes in the same message. A turn begins
 * with its prompt, and what a tool answered before that is another turn's.
 */
export function readConversation(request: MessagesRequest): DemoConversation {
  const prompts: string[] = [];
  const results = new Map<string, ToolResult>();
  for (const message of request.messages) {
    if (message.role !== "user") continue;
    const blocks = typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content;
    for (const block of blocks) {
      const result = ToolResultBlock.safeParse(block);
      if (result.success) {
        const { tool_use_id: id, content, is_error: isError } = result.data;
        results.set(id, { text: textOf(content), isError: isError === true });
      }
      const text = TextBlock.safeParse(block);
      const said = text.success ? withoutReminders(text.data.text) : "";
      if (!said) continue;
      prompts.push(said);
      results.clear();
    }
  }
  return { prompts, results, tools: new Set((request.tools ?? []).map((tool) => tool.name)) };
}

function textOf(content: z.infer<typeof ToolResultBlock>["content"]): string {
  if (content === undefined) return "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}

/**
 * OpenCode wraps what it adds itself in `<system-reminder>`, and a prompt that joined a running turn too: of that one
 * only the user's words are kept.
 */
function withoutReminders(text: string): string {
  return text
    .replace(/<system-reminder>([\s\S]*?)<\/system-reminder>/g, (_whole, inner: string) => {
      const steered = /The user sent the following message:\s*([\s\S]*?)\s*Please address this message/.exec(inner);
      return steered?.[1] ?? "";
    })
    .trim();
}
