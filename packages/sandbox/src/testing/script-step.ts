/** One step of a scripted model's answer, in the order it is streamed. */
export type ScriptStep =
  | { text: string | readonly string[] }
  | { thinking: string }
  | { tool: string; input: Record<string, unknown> }
  /** Holds the stream until the promise settles: tests let go when they saw what they wait for. */
  | { wait: Promise<void> }
  /** Cuts the connection in the middle of the stream. */
  | { reset: true }
  /** Answers with an error status instead of a stream; only as the first step. */
  | { status: number; headers?: Record<string, string>; message: string };

/** What the scripted model was asked, in the terms both wire formats share. */
export interface ScriptedRequest {
  wire: "anthropic" | "openai" | "openai-chat";
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  /** Place among all requests, from 0. */
  index: number;
  /** Texts of the last user message that is no tool result. */
  userText: string;
  /** What the tools gave back since that message, oldest first. */
  toolResults: string[];
  /** Names of the tools the agent offers. */
  tools: string[];
}

export type Script = (request: ScriptedRequest) => readonly ScriptStep[];
