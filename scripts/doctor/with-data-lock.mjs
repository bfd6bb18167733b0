import { loadServerSource } from "./load-sources.mjs";

/**
 * Does something to the files of a data directory while no server uses them. Throws where one does.
 * @template T
 * @param {{ root: string, dataDir: string }} place absolute paths
 * @param {() => T | Promise<T>} work
 */
export async function withDataLock({ root, dataDir }, work) {
  const source = await loadServerSource(root, "db/data-lock.ts");
  const { acquireDataLock } = /** @type {{ acquireDataLock: (dataDir: string) => () => void }} */ (source);
  const release = acquireDataLock(dataDir);
  try {
    return await work();
  } finally {
    release();
  }
}
