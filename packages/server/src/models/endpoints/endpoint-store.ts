import { EndpointModel, EndpointWire } from "@background-agents/shared/models/endpoint";
import { z } from "zod";
import type { Database } from "../../db/database.ts";

/** What the page set: for a built-in provider its address and key alone, all of it for an endpoint of the user's. */
export interface StoredEndpoint {
  id: string;
  name: string | null;
  wire: EndpointWire | null;
  baseUrl: string | null;
  sealedKey: Buffer | null;
  keyHint: string | null;
  models: EndpointModel[];
}

export type EndpointStore = ReturnType<typeof createEndpointStore>;

interface EndpointRow {
  id: string;
  name: string | null;
  wire: string | null;
  base_url: string | null;
  sealed_key: Buffer | null;
  key_hint: string | null;
  models: string;
}

export function createEndpointStore(deps: { db: Database }) {
  const all = deps.db.prepare("SELECT * FROM endpoints ORDER BY created_at, id");
  const one = deps.db.prepare("SELECT * FROM endpoints WHERE id = ?");
  const put = deps.db.prepare(
    `INSERT INTO endpoints (id, name, wire, base_url, sealed_key, key_hint, models, created_at, updated_at)
     VALUES (@id, @name, @wire, @baseUrl, @sealedKey, @keyHint, @models, @at, @at)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, wire = excluded.wire, base_url = excluded.base_url,
       sealed_key = excluded.sealed_key, key_hint = excluded.key_hint, models = excluded.models,
       updated_at = excluded.updated_at`,
  );
  const drop = deps.db.prepare("DELETE FROM endpoints WHERE id = ?");

  return {
    /** In the order in which they were added. */
    list(): StoredEndpoint[] {
      return (all.all() as EndpointRow[]).map(toStored);
    },

    find(id: string): StoredEndpoint | undefined {
      const row = one.get(id) as EndpointRow | undefined;
      return row && toStored(row);
    },

    save({ models, ...rest }: StoredEndpoint, at: Date): void {
      put.run({ ...rest, models: JSON.stringify(models), at: at.toISOString() });
    },

    remove(id: string): void {
      drop.run(id);
    },
  };
}

function toStored(row: EndpointRow): StoredEndpoint {
  const wire = EndpointWire.safeParse(row.wire);
  return {
    id: row.id,
    name: row.name,
    wire: wire.success ? wire.data : null,
    baseUrl: row.base_url,
    sealedKey: row.sealed_key,
    keyHint: row.key_hint,
    models: z.array(EndpointModel).parse(JSON.parse(row.models)),
  };
}
