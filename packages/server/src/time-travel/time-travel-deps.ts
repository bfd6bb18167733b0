import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { Prompt } from "@background-agents/shared/sessions/session";
import type { EventLog } from "../events/event-log.ts";
import type { Clock } from "../lib/clock.ts";
import type { CheckpointWriter } from "../repositories/checkpoint-writer.ts";
import type { ComparedCommits } from "../repositories/compare-commits.ts";
import type { Mirrors, SessionBase } from "../repositories/mirror.ts";
import type { Quarantine } from "../repositories/quarantine.ts";
import type { SessionEffects } from "../sessions/session-effects.ts";
import type { SessionRecorder } from "../sessions/session-recorder.ts";
import type { SessionState } from "../sessions/session-state.ts";
import type { SessionStore } from "../sessions/session-store.ts";

export interface TimeTravelDeps {
  store: SessionStore;
  recorder: SessionRecorder;
  effects: Pick<SessionEffects, "advance">;
  log: Pick<EventLog, "listOfTypes">;
  clock: Clock;
  writer: CheckpointWriter;
  quarantine: Pick<Quarantine, "ensurePath" | "copyConversation">;
  mirrors: Pick<Mirrors, "findTip" | "pin">;
  ensureMirror(base: SessionBase): Promise<string>;
  compareCommits(gitDir: string, sides: { ours: string; theirs: string }): Promise<ComparedCommits>;
  /** The user's name and address for commits in the repository. */
  identity(repositoryPath: string): Promise<{ name: string; email: string }>;
  listCopiedFiles(repository: { id: RepositoryId; path: string }): Promise<string[]>;
  /** Throws where the model cannot be used. */
  requireModel(model: string, effort?: string): void;
  sendPrompt(sessionId: SessionId, text: string): Promise<Prompt>;
  /** Throws `session.not-found`. */
  requireState(sessionId: SessionId): SessionState;
}
