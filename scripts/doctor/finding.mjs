/**
 * What a check found. `bad` keeps the system from working, `warn` is worth knowing.
 *
 * @typedef {object} Repair
 * @property {string} words what is done, in the imperative
 * @property {() => Promise<void>} run
 * @property {boolean} [onlyNamed] gives something up: done only where the user names the check
 * @property {string} [ends] why nothing further is looked at, or mended, once this was done
 * @typedef {object} Finding
 * @property {"ok" | "warn" | "bad"} level
 * @property {string} text what is, and why that is wrong
 * @property {string} [advice] what the user can do
 * @property {Repair} [repair] what `--fix` does; what can do harm is `onlyNamed`
 */

/** @param {string} text @returns {Finding} */
export const ok = (text) => ({ level: "ok", text });

/** @param {string} text @param {string} [advice] @param {Repair} [repair] @returns {Finding} */
export const warn = (text, advice, repair) => complete({ level: "warn", text }, advice, repair);

/** @param {string} text @param {string} [advice] @param {Repair} [repair] @returns {Finding} */
export const bad = (text, advice, repair) => complete({ level: "bad", text }, advice, repair);

/** @param {Finding} finding @param {string} [advice] @param {Repair} [repair] @returns {Finding} */
function complete(finding, advice, repair) {
  return { ...finding, ...(advice === undefined ? {} : { advice }), ...(repair === undefined ? {} : { repair }) };
}

const SIGNS = { ok: "✓", warn: "!", bad: "✗" };

/**
 * The finding as printed: one line, and one more for what can be done about it.
 * @param {string} check the check's name
 * @param {Finding} finding
 */
export function formatFinding(check, finding) {
  const line = `${SIGNS[finding.level]} ${check.padEnd(13)} ${finding.text}`;
  const ways = [finding.advice, finding.repair && `npm run doctor -- --fix ${check}`].filter(Boolean);
  return ways.length === 0 ? line : `${line}\n${" ".repeat(16)}→ ${ways.join("; or: ")}`;
}

/**
 * The last line.
 * @param {Finding[]} findings
 */
export function summarize(findings) {
  const count = (/** @type {string} */ level) => findings.filter((finding) => finding.level === level).length;
  const counts = { bad: count("bad"), warn: count("warn") };
  if (counts.bad === 0 && counts.warn === 0) return "Everything is in order.";
  if (counts.bad === 0) return `Everything works; ${counts.warn} to look at (!).`;
  return `${counts.bad} to mend (✗)${counts.warn === 0 ? "" : `, ${counts.warn} to look at (!)`}.`;
}
