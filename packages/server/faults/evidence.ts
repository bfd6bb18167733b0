import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import type { Ledger } from "./ledger.ts";
import type { ClientRecord } from "./recording-client.ts";
import type { UserState } from "./user-repository.ts";

/** Rows as the database holds them, read by nobody but the checker. */
export interface StoredSession {
  id: string;
  branch: string;
  status: string;
  sandbox_status: string;
  sandbox_boot: string | null;
  last_seq: number;
  last_commit: string | null;
  published_commit: string | null;
  publish_conflict: string | null;
}

export interface StoredPrompt {
  id: string;
  session_id: string;
  status: string;
  ended_at: string | null;
  error_code: string | null;
  error_message: string | null;
}

export interface StoredCheckpoint {
  id: string;
  session_id: string;
  turn_id: string;
  commit_id: string;
}

/** All that is known after a fault: what the agent did, what the database holds, what clients saw, what lies around. */
export interface Evidence {
  ledger: Ledger;
  database: {
    integrity: string;
    sessions: StoredSession[];
    prompts: StoredPrompt[];
    /** By session, as stored. */
    events: Record<string, SessionEvent[]>;
    checkpoints: StoredCheckpoint[];
    /** Boots with a row. */
    boots: string[];
  };
  clients: ClientRecord[];
  engine: {
    /** Containers under this instance's label. */
    ours: { handle: string; sessionId: string; boot: string; running: boolean }[];
    foreign: number;
    foreignExpected: number;
    /** Reports that a living supervisor still keeps. */
    unacked: number;
  };
  host: {
    /** Names of the hub directories. */
    hubDirectories: string[];
    /** Scratch space of imports that was left. */
    leftovers: string[];
    /** By checkpoint: the commit its ref points at in the quarantine, where that is whole. */
    kept: Record<string, string>;
    /** By checkpoint: the content of the file the turn wrote, as kept. */
    files: Record<string, string>;
  };
  user: { expected: UserState; found: UserState; fsck: string; branches: Record<string, string> };
}
