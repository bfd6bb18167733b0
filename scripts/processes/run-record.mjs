import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProcessIdentity } from "./process-identity.mjs";

/**
 * @typedef {{ name: string, pid: number, identity: string }} RecordedProcess
 * @typedef {{ supervisor: RecordedProcess, children: RecordedProcess[] }} RunRecord
 */

/**
 * Notes which processes this instance runs, so that `npm run stop` and the next start find them. It is a note and no
 * lock: each entry counts only while the process it names is the same one.
 * @param {string} dataDir
 */
export function createRunRecord(dataDir) {
  const directory = join(dataDir, "run");
  const file = join(directory, "processes.json");
  /** @type {Map<string, RecordedProcess>} */
  const children = new Map();

  function write() {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const record = { supervisor: describe("supervisor", process.pid), children: [...children.values()] };
    writeFileSync(`${file}.new`, JSON.stringify(record));
    renameSync(`${file}.new`, file);
  }

  return {
    write,
    /** @param {string} name @param {number} pid the leader of the child's process group */
    setChild(name, pid) {
      children.set(name, describe(name, pid));
      write();
    },
    remove() {
      rmSync(file, { force: true });
    },
  };
}

/**
 * The processes of the last run that still live.
 * @param {string} dataDir
 * @returns {{ supervisor: RecordedProcess | undefined, children: RecordedProcess[] }}
 */
export function findRunningProcesses(dataDir) {
  try {
    /** @type {RunRecord} */
    const record = JSON.parse(readFileSync(join(dataDir, "run", "processes.json"), "utf8"));
    return {
      supervisor: isSame(record.supervisor) ? record.supervisor : undefined,
      children: record.children.filter(isSame),
    };
  } catch {
    // Missing or damaged: there is nothing it could tell us.
    return { supervisor: undefined, children: [] };
  }
}

/** @param {string} name @param {number} pid */
function describe(name, pid) {
  return { name, pid, identity: findProcessIdentity(pid) ?? "gone" };
}

/** @param {RecordedProcess} recorded */
function isSame(recorded) {
  return findProcessIdentity(recorded.pid) === recorded.identity;
}
