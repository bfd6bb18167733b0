import type { BootId, SessionId } from "@background-agents/shared/ids";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { HubListen } from "./sandbox-hub.ts";

const Listen = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("unix"), path: z.string() }),
  z.object({ kind: z.literal("tcp"), host: z.string(), port: z.number() }),
]);

export interface Boot {
  boot: BootId;
  sessionId: SessionId;
  /** SHA-256 of the token, hex: the token itself is only in the container's mount. */
  tokenHash: string;
  listen: HubListen;
}

export type BootStore = ReturnType<typeof createBootStore>;

/** What a restarted server needs to take over a container that runs: where its hub was and how it proves itself. */
export function createBootStore(deps: { db: Database }) {
  const insert = deps.db.prepare(
    "INSERT INTO boots (boot, session_id, token_hash, address, created_at) VALUES (@boot, @sessionId, @tokenHash, @address, @at)",
  );
  const find = deps.db.prepare("SELECT * FROM boots WHERE boot = ?");
  const all = deps.db.prepare("SELECT boot FROM boots").pluck();
  const remove = deps.db.prepare("DELETE FROM boots WHERE boot = ?");
  return {
    record(boot: Boot, at: string): void {
      const { listen, ...rest } = boot;
      insert.run({ ...rest, address: JSON.stringify(listen), at });
    },
    find(id: BootId): Boot | undefined {
      const row = find.get(id) as { session_id: string; token_hash: string; address: string } | undefined;
      if (!row) return undefined;
      return {
        boot: id,
        sessionId: row.session_id as SessionId,
        tokenHash: row.token_hash,
        listen: Listen.parse(JSON.parse(row.address)),
      };
    },
    list(): BootId[] {
      return all.all() as BootId[];
    },
    remove(id: BootId): void {
      remove.run(id);
    },
  };
}
