/**
 * What carries our label on the engine; `session` is empty where it has no such label.
 * @typedef {{ name: string, session: string }} Labelled
 * @typedef {Labelled & { isAtWork: boolean }} LabelledContainer `isAtWork`: it runs, or was made only now
 * @typedef {{ containers: LabelledContainer[], volumes: Labelled[], networks: Labelled[] }} Inventory
 * @typedef {object} Orphans names and ids
 * @property {string[]} containers of sessions that have no row or were purged, and helpers that were left behind
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
  // What counts volumes or changes their owner is of no session: it goes by itself once it is done.
  const isHelperAtWork = (/** @type {LabelledContainer} */ one) => one.session === "" && one.isAtWork;
  const lost = inventory.volumes.filter(({ session }) => !rows.live.has(session));
  return {
    containers: names(inventory.containers.filter((one) => !rows.live.has(one.session) && !isHelperAtWork(one))),
    purgedVolumes: names(lost.filter(({ session }) => rows.purged.has(session))),
    unknownVolumes: names(lost.filter(({ session }) => !rows.purged.has(session))),
    networks: names(inventory.networks.filter(({ session }) => !rows.live.has(session))),
  };
}
