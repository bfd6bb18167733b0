/**
 * What carries our label on the engine; `session` is empty where it has no such label.
 * @typedef {{ name: string, session: string }} Labelled
 * @typedef {{ containers: Labelled[], volumes: Labelled[], networks: Labelled[] }} Inventory
 * @typedef {object} Orphans names and ids
 * @property {string[]} containers of sessions that have no row or were purged
 * @property {string[]} purgedVolumes of sessions that were purged: nobody can ask for them any more
 * @property {string[]} unknownVolumes of sessions without a row: perhaps the only copy of some work
 * @property {string[]} networks of sessions that have no row or were purged
 */

/**
 * Pure: what on the engine belongs to no session.
 * @param {Inventory} inventory
 * @param {import("./session-rows.mjs").SessionRows} rows
 * @returns {Orphans}
 */
export function findOrphans(inventory, rows) {
  const names = (/** @type {Labelled[]} */ list) => list.map(({ name }) => name);
  const lost = inventory.volumes.filter(({ session }) => !rows.live.has(session));
  return {
    containers: names(inventory.containers.filter(({ session }) => !rows.live.has(session))),
    purgedVolumes: names(lost.filter(({ session }) => rows.purged.has(session))),
    unknownVolumes: names(lost.filter(({ session }) => !rows.purged.has(session))),
    networks: names(inventory.networks.filter(({ session }) => !rows.live.has(session))),
  };
}
