import { basename, dirname } from "node:path";
import { failure } from "../processes/failure.mjs";
import { loadSqlite } from "./load-sources.mjs";
import { withDataLock } from "./with-data-lock.mjs";

/**
 * Makes the indexes of a database anew of its tables, in place; what they hold is in the tables, so nothing is lost.
 * @param {{ root: string, file: string }} order absolute paths
 * @returns {import("./finding.mjs").Repair}
 */
export function rebuildIndexes({ root, file }) {
  return {
    words: `make the indexes of ${basename(file)} anew of its tables; nothing is taken from it`,
    run: () =>
      withDataLock({ root, dataDir: dirname(file) }, () => {
        const db = new (loadSqlite(root))(file, { fileMustExist: true, timeout: 5000 });
        try {
          db.exec("REINDEX");
          const integrity = String(db.pragma("integrity_check(1)", { simple: true }));
          if (integrity !== "ok") throw failure(`the indexes are new, but: ${integrity}`);
        } finally {
          db.close();
        }
      }),
  };
}
