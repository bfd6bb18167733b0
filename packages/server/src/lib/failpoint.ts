/**
 * Told that the named place in the code was reached. The fault suite ends the process there; the product passes none.
 * Names: `migration`, `sandbox.intended`, `sandbox.started`, `report.stored`, `checkpoint.imported`,
 * `checkpoint.recorded`, `publish.begin`, `publish.moved`, `push.sent`, `apply.moved`.
 */
export type Failpoint = (name: string) => void;
