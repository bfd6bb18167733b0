import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endGroup, isGroupAlive, signalGroup } from "./process-identity.mjs";
import { createRestartPolicy } from "./restart-policy.mjs";

/** How often in a row a process that once listened must be found deaf to be ended. */
const REFUSALS = 3;

/**
 * @typedef {object} SupervisedDeps
 * @property {string} name
 * @property {string} command
 * @property {string[]} args
 * @property {string} cwd
 * @property {Record<string, string>} env
 * @property {() => Promise<boolean>} isListening
 * @property {(line: string) => void} writeLine a line the process wrote
 * @property {(line: string) => void} say a line about the process
 * @property {(pid: number) => void} onStarted
 * @property {(message: string) => void} onGivenUp it crashed too often; it is not started again
 * @property {ReturnType<typeof createRestartPolicy>} [policy]
 * @property {number} [probeEveryMs]
 * @property {number} [stopGraceMs] how long it may take to end before it is killed
 */

/**
 * Keeps one process alive, in a process group of its own: starts it again when it dies or no longer listens, with the
 * reason said, until the policy gives up. Whatever the process started itself ends with it.
 * @param {SupervisedDeps} deps
 */
export function createSupervisedProcess(deps) {
  const { policy = createRestartPolicy(), probeEveryMs = 1000, stopGraceMs = 10_000 } = deps;
  /** @type {number | undefined} the leader of the running group */
  let groupId;
  let stopping = false;
  let refusals = 0;
  let hasListened = false;
  let renewing = false;
  /** @type {NodeJS.Timeout | undefined} */
  let restartTimer;
  /** @type {NodeJS.Timeout | undefined} */
  let probeTimer;

  function start() {
    refusals = 0;
    hasListened = false;
    const child = spawn(deps.command, deps.args, {
      cwd: deps.cwd,
      env: deps.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: child.stdout }).on("line", deps.writeLine);
    createInterface({ input: child.stderr }).on("line", deps.writeLine);
    child.once("error", (error) => handleEnd(undefined, error.message));
    const pid = child.pid;
    if (pid === undefined) return;
    groupId = pid;
    deps.onStarted(pid);
    child.once("exit", (code, signal) => handleEnd(pid, signal === null ? `exit code ${code}` : `signal ${signal}`));
  }

  /** @param {number | undefined} pid @param {string} reason */
  function handleEnd(pid, reason) {
    groupId = undefined;
    if (stopping || renewing) return;
    // Workers of a dead leader would hold its port.
    if (pid !== undefined) signalGroup(pid, "SIGKILL");
    const decision = policy.recordDeath(Date.now());
    if (decision.action === "give-up") {
      deps.onGivenUp(`${deps.name} ended ${decision.deaths} times within a minute, the last time with ${reason}.`);
      return;
    }
    deps.say(`${deps.name} ended (${reason}), starting again in ${decision.delayMs / 1000} s`);
    restartTimer = setTimeout(start, decision.delayMs);
  }

  async function probe() {
    const pid = groupId;
    if (pid === undefined || stopping) return;
    const listening = await deps.isListening();
    if (pid !== groupId) return;
    if (listening) hasListened = true;
    refusals = listening || !hasListened ? 0 : refusals + 1;
    if (refusals < REFUSALS) return;
    refusals = 0;
    deps.say(`${deps.name} runs but no longer listens`);
    // Its exit handler decides what comes next.
    signalGroup(pid, "SIGKILL");
  }

  return {
    start() {
      start();
      probeTimer = setInterval(() => void probe(), probeEveryMs);
    },
    /**
     * Ends the process and starts it anew, which does not count as a crash.
     * @param {string} reason
     */
    async renew(reason) {
      if (stopping || renewing) return;
      renewing = true;
      clearTimeout(restartTimer);
      deps.say(`${deps.name}: ${reason}, starting again`);
      if (groupId !== undefined) await endGroup(groupId, stopGraceMs);
      renewing = false;
      if (!stopping) start();
    },
    /** Ends the process group for good. */
    async stop() {
      stopping = true;
      clearTimeout(restartTimer);
      clearInterval(probeTimer);
      if (groupId !== undefined) await endGroup(groupId, stopGraceMs);
    },
    /** Ends it at once, without asking. */
    kill() {
      stopping = true;
      if (groupId !== undefined && isGroupAlive(groupId)) signalGroup(groupId, "SIGKILL");
    },
  };
}
