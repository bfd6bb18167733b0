import { join } from "node:path";
import SQLite from "better-sqlite3";
import { AppError } from "../lib/app-error.ts";

/**
 * One server a data directory: holds an exclusive SQLite lock on `DATA_DIR/lock.db` until it is released. The kernel
 * lets go of it when the process dies, however it dies, so there is no stale lock to clean up.
 */
export function acquireDataLock(dataDir: string): () => void {
  const db = new SQLite(join(dataDir, "lock.db"), { timeout: 0 });
  try {
    db.pragma("locking_mode = EXCLUSIVE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw new AppError(
      "storage.failed",
      `Another server uses the data directory ${dataDir}: stop it (npm run stop), or set another DATA_DIR and PORT.`,
      { cause: error },
    );
  }
  return () => db.close();
}
