import { request } from "node:http";
import { z } from "zod";

export type ModelCallOutcome =
  | { kind: "whole"; text: string }
  | { kind: "refused"; status: number; retryAfter: string | undefined }
  /** The connection broke: what came so far does not count. */
  | { kind: "cut" }
  /** A clean end before the format's end: an agent keeps the half text and goes on, wrongly. */
  | { kind: "ended early"; text: string };

/** One call of the model as the agent makes it: real HTTP over the hub, a streamed answer in Anthropic's format. */
export function callModel(
  hub: { socketPath: string; authorization: string },
  onText: (text: string) => void,
): Promise<ModelCallOutcome> {
  return new Promise((resolve) => {
    const cut = (): void => resolve({ kind: "cut" });
    const outgoing = request(
      {
        socketPath: hub.socketPath,
        path: "/llm/anthropic/v1/messages",
        method: "POST",
        headers: { authorization: hub.authorization, "content-type": "application/json" },
      },
      (answer) => {
        const { statusCode: status = 0, headers } = answer;
        let body = "";
        let text = "";
        answer.setEncoding("utf8");
        answer.on("error", cut);
        answer.on("data", (chunk: string) => {
          body += chunk;
          const heard = textOf(body);
          if (heard.length > text.length) onText(heard.slice(text.length));
          text = heard;
        });
        answer.on("end", () => {
          if (status !== 200) resolve({ kind: "refused", status, retryAfter: headers["retry-after"] });
          else resolve({ kind: body.includes('"type":"message_stop"') ? "whole" : "ended early", text });
        });
      },
    );
    outgoing.on("error", cut);
    outgoing.end(JSON.stringify({ model: "claude-sonnet-4-6", stream: true, max_tokens: 100, messages: [] }));
  });
}

const Delta = z.object({ delta: z.object({ type: z.literal("text_delta"), text: z.string() }) });

/** The text of the whole lines so far. */
function textOf(body: string): string {
  return body
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const found = line.startsWith("data: {") ? Delta.safeParse(JSON.parse(line.slice("data: ".length))) : undefined;
      return found?.data?.delta.text ?? "";
    })
    .join("");
}
