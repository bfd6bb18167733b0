import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import SQLite from "better-sqlite3";
import type { Evidence, StoredCheckpoint, StoredPrompt, StoredSession } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";
import type { ClientRecord } from "./recording-client.ts";
import type { SimulatedEngine } from "./simulated-engine.ts";
import { checkUserRepository, readAgentBranches, readUserState, type UserState } from "./user-repository.ts";
import { git } from "./workspace-git.ts";

interface EventRow {
  session_id: string;
  seq: number;
  v: number;
  type: string;
  at: string;
  actor: string;
  turn_id: string | null;
  prompt_id: string | null;
  data: string;
}

/** The rows alone: cheap enough to be looked at again and again. */
export function readRows(dataDir: string): { sessions: StoredSession[]; prompts: StoredPrompt[] } {
  const db = new SQLite(join(dataDir, "data.db"), { readonly: true, timeout: 5000 });
  try {
    return listRows(db);
  } finally {
    db.close();
  }
}

function listRows(db: SQLite.Database): { sessions: StoredSession[]; prompts: StoredPrompt[] } {
  return {
    sessions: db.prepare("SELECT * FROM sessions WHERE deleted_at IS NULL").all() as StoredSession[],
    prompts: db.prepare("SELECT * FROM prompts ORDER BY position").all() as StoredPrompt[],
  };
}

export function readDatabase(dataDir: string): Evidence["database"] {
  const db = new SQLite(join(dataDir, "data.db"), { readonly: true, timeout: 5000 });
  try {
    const events: Record<string, SessionEvent[]> = {};
    for (const row of db.prepare("SELECT * FROM events ORDER BY session_id, seq").all() as EventRow[]) {
      (events[row.session_id] ??= []).push(toEvent(row));
    }
    const problems = [
      String(db.pragma("integrity_check", { simple: true })),
      ...(db.pragma("foreign_key_check") as unknown[]).map((row) => JSON.stringify(row)),
    ];
    return {
      integrity: problems.join("; "),
      ...listRows(db),
      events,
      checkpoints: db.prepare("SELECT * FROM checkpoints ORDER BY id").all() as StoredCheckpoint[],
      boots: db.prepare("SELECT boot FROM boots").pluck().all() as string[],
    };
  } finally {
    db.close();
  }
}

function toEvent(row: EventRow): SessionEvent {
  return {
    seq: row.seq,
    v: row.v,
    type: row.type,
    at: row.at,
    actor: row.actor,
    ...(row.turn_id === null ? {} : { turnId: row.turn_id }),
    ...(row.prompt_id === null ? {} : { promptId: row.prompt_id }),
    data: JSON.parse(row.data) as unknown,
  } as SessionEvent;
}

/** Looks at everything; to be called when nothing is under way any more. */
export async function collectEvidence(place: {
  dataDir: string;
  repository: string;
  instance: string;
  ledger: Ledger;
  engine: SimulatedEngine;
  clients: ClientRecord[];
  userState: UserState;
  foreignExpected: number;
}): Promise<Evidence> {
  const { dataDir, repository, instance, engine } = place;
  const database = readDatabase(dataDir);
  const containers = [...engine.containers.values()];
  const quarantines = list(join(dataDir, "quarantine"));
  return {
    ledger: place.ledger,
    database,
    clients: place.clients,
    engine: {
      ours: containers
        .filter((container) => container.instance === instance)
        .map(({ handle, sessionId, boot, running }) => ({ handle, sessionId, boot, running })),
      foreign: containers.filter((container) => container.instance !== instance).length,
      foreignExpected: place.foreignExpected,
      unacked: containers.reduce(
        (sum, { running, sandbox }) => sum + (running ? (sandbox?.supervisor.unacked ?? 0) : 0),
        0,
      ),
    },
    host: {
      hubDirectories: list(join(dataDir, "run")),
      leftovers: quarantines.filter((name) => existsSync(join(dataDir, "quarantine", name, "incoming"))),
      ...(await readKept(place, database.checkpoints)),
    },
    user: {
      expected: place.userState,
      found: await readUserState(repository),
      fsck: await checkUserRepository(repository),
      branches: await readAgentBranches(repository),
    },
  };
}

async function readKept(
  { dataDir, ledger }: { dataDir: string; ledger: Ledger },
  checkpoints: StoredCheckpoint[],
): Promise<Pick<Evidence["host"], "kept" | "files">> {
  const kept: Record<string, string> = {};
  const files: Record<string, string> = {};
  for (const { id, session_id: sessionId } of checkpoints) {
    const gitDir = join(dataDir, "quarantine", sessionId, "repository.git");
    if (!existsSync(gitDir)) continue;
    const ask = (...args: string[]): Promise<string> =>
      git(dataDir, `--git-dir=${gitDir}`, ...args).catch((error: unknown) => `error: ${String(error)}`);
    const commit = await ask("rev-parse", "--verify", "--quiet", `refs/checkpoints/${id}`);
    const whole = await ask("rev-list", "--objects", "--quiet", commit, "--");
    if (whole === "") kept[id] = commit;
    const run = ledger.runs.find((one) => one.checkpoint?.id === id);
    if (run?.checkpoint) files[id] = await ask("show", `${commit}:${run.checkpoint.path}`);
  }
  return { kept, files };
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
