const LEVELS = new Map([
  [10, "trace"],
  [20, "debug"],
  [30, "info"],
  [40, "warn"],
  [50, "error"],
  [60, "fatal"],
]);

/**
 * One line of a process's output, made readable where it is a JSON log record: time, level where it is not `info`,
 * message, then the other fields. Any other line is left as it is.
 * @param {string} line
 * @returns {string}
 */
export function formatLogLine(line) {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const { level, time, msg, pid: _pid, hostname: _hostname, ...fields } = record;
  const name = LEVELS.get(Number(level)) ?? "info";
  const clock = Number.isFinite(time) ? new Date(Number(time)).toTimeString().slice(0, 8) : undefined;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${formatValue(value)}`);
  return [clock, name === "info" ? undefined : name, typeof msg === "string" ? msg : "", ...rest]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** @param {string} line @returns {Record<string, unknown> | undefined} */
function parseRecord(line) {
  if (!line.startsWith("{")) return undefined;
  try {
    const record = JSON.parse(line);
    return typeof record.msg === "string" || typeof record.level === "number" ? record : undefined;
  } catch {
    return undefined;
  }
}

/** @param {unknown} value */
function formatValue(value) {
  if (typeof value === "object" && value !== null && "stack" in value) return String(value.stack);
  return typeof value === "string" && /^\S+$/.test(value) ? value : JSON.stringify(value);
}
