import { constants, copyFile, link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { failure } from "../processes/failure.mjs";
import { withDataLock } from "./with-data-lock.mjs";

/**
 * `file`: the damaged database; absolute paths. `makeLink`: where the file system knows no hard links it fails, and
 * copying takes its place.
 *
 * @typedef {{ root: string, file: string, backup: string, makeLink?: typeof link }} Order
 */

/**
 * Puts a backup in the place of a damaged database. Nothing is deleted: the database and its log stay beside it under
 * another name, from which more can perhaps be recovered.
 * @param {Order} order
 * @returns {Promise<import("./finding.mjs").Repair>}
 */
export async function restoreBackup(order) {
  const { file, backup } = order;
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
  const at = (await stat(backup)).mtime.toISOString().slice(0, 16).replace("T", " ");
  const lost = `What was recorded after that (${at} UTC) is not in it; nothing is deleted.`;
  return {
    words: `keep the damaged database as ${basename(aside)} and put ${basename(backup)} in its place. ${lost}`,
    run: () => swap({ ...order, aside }),
    // Months of sessions may be in the other one; what belongs to them must not be taken for what belongs to nobody.
    onlyNamed: true,
    ends:
      "Nothing further was looked at: the sessions are those of the backup now. See whether they are what you want " +
      "before containers that belong to none of them are removed.",
  };
}

/** @param {Order & { aside: string }} order */
async function swap({ root, file, backup, aside, makeLink = link }) {
  await withDataLock({ root, dataDir: dirname(file) }, async () => {
    const copy = `${file}.part`;
    await rm(copy, { force: true });
    await copyFile(backup, copy);
    await flush(copy);
    // Before its log leaves it: without that the database would lose what only the log has, had this to stop here.
    // At no time there is no database: a server that is started meanwhile, or a crash, would begin an empty one.
    await makeLink(file, aside).catch(() => copyFile(file, aside, constants.COPYFILE_EXCL));
    // The log is of the damaged database: beside another one it would be played into that.
    for (const end of ["-wal", "-shm"]) await rename(`${file}${end}`, `${aside}${end}`).catch(ignoreMissing);
    await rename(copy, file);
  });
}

/** @param {string} path */
async function flush(path) {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** @param {unknown} error */
function ignoreMissing(error) {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
  throw error instanceof Error ? error : failure(String(error));
}
