import type { RepositoryId } from "@background-agents/shared/ids";
import type { SettingKey } from "@background-agents/shared/settings/settings";
import type { Database } from "../db/database.ts";

/** `global`, or the repository that a value is for. */
export type StoredScope = "global" | RepositoryId;

export type SettingStore = ReturnType<typeof createSettingStore>;

/** Values set in the page, as JSON, by scope. */
export function createSettingStore(deps: { db: Database }) {
  const { db } = deps;
  const ofScope = db.prepare("SELECT key, value FROM settings WHERE scope = ?");
  const put = db.prepare(
    `INSERT INTO settings (scope, key, value, updated_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
  );
  const remove = db.prepare("DELETE FROM settings WHERE scope = ? AND key = ?");
  const removeScope = db.prepare("DELETE FROM settings WHERE scope = ?");

  return {
    /** What is set in a scope; values are as they were stored. */
    read(scope: StoredScope): Map<string, unknown> {
      const rows = ofScope.all(scope) as { key: string; value: string }[];
      return new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
    },

    /** Stores all or none; null takes a value back. */
    write(scope: StoredScope, values: ReadonlyMap<SettingKey, { value: unknown } | null>, at: Date): void {
      db.transaction(() => {
        for (const [key, change] of values) {
          if (change === null) remove.run(scope, key);
          else put.run(scope, key, JSON.stringify(change.value), at.toISOString());
        }
      })();
    },

    forget(scope: StoredScope): void {
      removeScope.run(scope);
    },
  };
}
