import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endGroup, signalGroup } from "./process-identity.mjs";
import { createRestartPolicy } from "./restart-policy.mjs";

/** What a process ends with when starting it again cannot help: wrong configuration, unusable data (EX_CONFIG). */
const EXIT_UNUSABLE = 78;
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
 * @property {(message: string) => void} onGivenUp it crashed too often, or said that it cannot run: not started again
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
  /** @type {import("node:child_process").ChildProcess | undefined} the one to keep alive; it leads its group */
  let current;
  /** @type {number | undefined} the group that was asked to end */
  let endingGroup;
  let stopping = false;
  let renewing = false;
  let refusals = 0;
  let hasListened = false;
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
    current = child;
    createInterface({ input: child.stdout }).on("line", deps.writeLine);
    createInterface({ input: child.stderr }).on("line", deps.writeLine);
    child.once("error", (error) => handleEnd(child, error.message));
    child.once("exit", (code, signal) => {
      if (code === EXIT_UNUSABLE && child === current) deps.onGivenUp(`${deps.name} cannot run as things are.`);
      else handleEnd(child, signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
    if (child.pid !== undefined) deps.onStarted(child.pid);
  }

  /** @param {import("node:child_process").ChildProcess} child @param {string} reason */
  function handleEnd(child, reason) {
    // One that we ended ourselves is no longer the current one.
    if (child !== current) return;
    current = undefined;
    // Workers of a dead leader would hold its port.
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
    const decision = policy.recordDeath(Date.now());
    if (decision.action === "give-up") {
      deps.onGivenUp(`${deps.name} ended ${decision.deaths} times within a minute, the last time with ${reason}.`);
      return;
    }
    deps.say(`${deps.name} ended (${reason}), starting again in ${decision.delayMs / 1000} s`);
    restartTimer = setTimeout(start, decision.delayMs);
  }

  async function end() {
    clearTimeout(restartTimer);
    endingGroup = current?.pid;
    current = undefined;
    if (endingGroup !== undefined) await endGroup(endingGroup, stopGraceMs);
    endingGroup = undefined;
  }

  async function probe() {
    const asked = current;
    if (asked?.pid === undefined) return;
    const listening = await deps.isListening();
    if (asked !== current) return;
    if (listening) hasListened = true;
    refusals = listening || !hasListened ? 0 : refusals + 1;
    if (refusals < REFUSALS) return;
    refusals = 0;
    deps.say(`${deps.name} runs but no longer listens`);
    // Its exit handler decides what comes next.
    signalGroup(asked.pid, "SIGKILL");
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
      deps.say(`${deps.name}: ${reason}, starting again`);
      await end();
      renewing = false;
      if (!stopping) start();
    },
    /** Ends the process group for good. */
    async stop() {
      stopping = true;
      clearInterval(probeTimer);
      await end();
    },
    /** Ends it at once, without asking. */
    kill() {
      stopping = true;
      for (const pid of [current?.pid, endingGroup]) if (pid !== undefined) signalGroup(pid, "SIGKILL");
    },
  };
}
