import type { BootId, CheckpointId, PromptId, SessionId, TurnId } from "@background-agents/shared/ids";
import type { PermissionReply, QuestionAnswers } from "@background-agents/shared/sessions/asking";

export type AskKind = "question" | "permission";

/** What the agent asked, and the answer that reached it; undefined while none did. */
export interface Asked {
  id: string;
  kind: AskKind;
  heard: QuestionAnswers | PermissionReply | undefined;
}

export interface SaidPart {
  partId: string;
  text: string;
}

/** One run of the simulated agent: what it did and said, written down where no crash of the server reaches. */
export interface Run {
  sessionId: SessionId;
  boot: BootId;
  promptId: PromptId;
  turnId: TurnId;
  /** The parts it reported as settled, in order. */
  parts: SaidPart[];
  /** What it was saying when its container ended. */
  unfinished: SaidPart | undefined;
  /** Its container ended, and the session's next one told what it had not: all that is in `parts`, and that it ended. */
  retold: boolean;
  asked: Asked[];
  /** Prompts that it took into the turn. */
  steered: PromptId[];
  /** How its calls of the model went, in order. */
  calls: string[];
  /** What it brought to the host and was told is safe there. */
  checkpoint: { id: CheckpointId; commit: string; path: string; content: string } | undefined;
  /** How it reported its end; undefined where its container ended first. */
  outcome: "completed" | "interrupted" | undefined;
}

export interface Ledger {
  runs: Run[];
  /** Prompts for which a client was told 2xx. */
  accepted: { sessionId: SessionId; promptId: PromptId }[];
}

export function createLedger(): Ledger {
  return { runs: [], accepted: [] };
}
