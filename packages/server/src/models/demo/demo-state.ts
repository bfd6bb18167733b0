import { type DemoBaseUpdate, readBaseUpdate } from "./demo-base.ts";
import type { DemoConversation, ToolResult } from "./demo-conversation.ts";
import { readDirectives, type DirectedPrompt } from "./demo-directives.ts";
import { type DemoComment, readComments } from "./demo-review.ts";
import { type DemoFacts, fileToRead, notesPath, readFacts } from "./demo-facts.ts";

/** Everything one reply of the scripted model depends on. */
export interface DemoState {
  /** Number of the turn in this conversation, from 1. */
  turn: number;
  prompt: DirectedPrompt;
  /** Review comments that the prompt brings. */
  comments: DemoComment[];
  /** The base that the prompt asks to follow. */
  base: DemoBaseUpdate | undefined;
  /** The prompt before this one, without directives. */
  previousPrompt: string | undefined;
  tools: Set<string>;
  facts: DemoFacts;
  notes: string;
  /** Path of the file read to see what the repository is about. */
  reading: string | undefined;
  /** `YYYY-MM-DD`. */
  today: string;
  /** The answer to a call of this turn, by step and place. */
  result(step: string, call: string): ToolResult | undefined;
}

/** The id a call is made with: from it a later request shows which calls of the turn were answered. */
export function callId(turn: number, step: string, call: string): string {
  return `demo_${turn}_${step}_${call}`;
}

export function buildState(conversation: DemoConversation, today: string): DemoState {
  const turn = conversation.prompts.length;
  const prompts = conversation.prompts.map(readDirectives);
  const result = (step: string, call: string) => conversation.results.get(callId(turn, step, call));
  const facts = readFacts({
    place: result("look", "place"),
    files: result("look", "files"),
    known: result("look", "known"),
  });
  return {
    turn,
    prompt: prompts.at(-1) ?? readDirectives(""),
    comments: readComments(conversation.prompts.at(-1) ?? ""),
    base: readBaseUpdate(conversation.prompts.at(-1) ?? ""),
    previousPrompt: prompts.at(-2)?.text,
    tools: conversation.tools,
    facts,
    notes: notesPath(facts),
    reading: fileToRead(facts, turn),
    today,
    result,
  };
}
