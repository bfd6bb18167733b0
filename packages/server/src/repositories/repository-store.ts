import { newId, RepositoryId } from "@background-agents/shared/ids";
import { Repository } from "@background-agents/shared/repositories/repository";
import { z } from "zod";
import type { Database } from "../db/database.ts";

const Row = z.object({
  id: RepositoryId,
  path: z.string(),
  name: z.string(),
  source: Repository.shape.source,
  url: z.string().nullable(),
});
/** What is remembered of a repository; everything else is read from it. */
export type RepositoryRow = z.infer<typeof Row>;

export type RepositoryStore = ReturnType<typeof createRepositoryStore>;

const COLUMNS = "id, path, name, source, url";

/** Which repositories are known. A path keeps its id for as long as its row stands. */
export function createRepositoryStore(deps: { db: Database }) {
  const { db } = deps;
  const insert = db.prepare(
    "INSERT INTO repositories (id, path, name, source, url, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING",
  );
  const byPath = db.prepare(`SELECT ${COLUMNS} FROM repositories WHERE path = ?`);
  const byId = db.prepare(`SELECT ${COLUMNS} FROM repositories WHERE id = ?`);
  const all = db.prepare(`SELECT ${COLUMNS} FROM repositories ORDER BY name, path`);
  const copyPatterns = db.prepare("SELECT copy_patterns FROM repositories WHERE id = ?").pluck();
  const updateCopyPatterns = db.prepare("UPDATE repositories SET copy_patterns = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM repositories WHERE id = ?");

  return {
    /** The row of a path, made now where there is none. A row that stands keeps its source. */
    ensure(entry: Omit<RepositoryRow, "id">, at: Date): RepositoryRow {
      insert.run(newId("repository"), entry.path, entry.name, entry.source, entry.url, at.toISOString());
      return Row.parse(byPath.get(entry.path));
    },

    find(id: RepositoryId): RepositoryRow | undefined {
      const row = byId.get(id);
      return row === undefined ? undefined : Row.parse(row);
    },

    findByPath(path: string): RepositoryRow | undefined {
      const row = byPath.get(path);
      return row === undefined ? undefined : Row.parse(row);
    },

    /** Patterns of the ignored files that sessions get; none for a repository that is not known. */
    readCopyPatterns(id: RepositoryId): string[] {
      const patterns = copyPatterns.get(id) as string | undefined;
      return patterns === undefined ? [] : z.array(z.string()).parse(JSON.parse(patterns));
    },

    setCopyPatterns(id: RepositoryId, patterns: readonly string[]): void {
      updateCopyPatterns.run(JSON.stringify(patterns), id);
    },

    list(): RepositoryRow[] {
      return all.all().map((row) => Row.parse(row));
    },

    remove(id: RepositoryId): void {
      remove.run(id);
    },
  };
}
