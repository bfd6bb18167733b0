import { findAddress } from "./address.mjs";
import { failure } from "./failure.mjs";
import { formatLogLine } from "./format-log-line.mjs";
import { answers } from "./port-check.mjs";
import { createRunRecord } from "./run-record.mjs";
import { listSandboxContainers } from "./sandbox-containers.mjs";
import { createSupervisedProcess } from "./supervised-process.mjs";

/**
 * @typedef {{ name: string, command: string, args: string[], cwd: string, env: Record<string, string> }} Command
 * @typedef {{ api: Command, web: Command, watch?: (renewApi: (file: string) => void) => () => void }} System
 */

/** Long enough for a slow machine; a process that crashes is noticed at once anyway. */
const READY_WITHIN_MS = 120_000;

/**
 * Starts API and page, keeps both alive, and says where the page is once both answer. Ends when the user stops it, or
 * throws a `failure` where one of them crashes again and again. Sandboxes are left running in both cases.
 * @param {import("./settings.mjs").Settings} settings
 * @param {System} system
 */
export async function runSystem(settings, system) {
  const record = createRunRecord(settings.dataDir);
  record.write();
  const stopped = createStopSignal();
  const api = supervise(system.api, settings.port);
  const web = supervise(system.web, settings.webPort);

  /** @param {Command} command @param {number} port */
  function supervise(command, port) {
    return createSupervisedProcess({
      ...command,
      env: command.env,
      isListening: () => answers("127.0.0.1", port),
      writeLine: (line) => process.stdout.write(`${dim(command.name.padEnd(4))} ${formatLogLine(line)}\n`),
      say: (line) => console.log(line),
      onStarted: (pid) => record.setChild(command.name, pid),
      onGivenUp: (message) => stopped.fail(message),
    });
  }

  api.start();
  web.start();
  const endWatch = system.watch?.((file) => void api.renew(`${file} changed`));
  process.on("exit", () => {
    api.kill();
    web.kill();
  });
  try {
    await announceWhenReady(settings, stopped);
    await stopped.promise;
  } finally {
    endWatch?.();
    await Promise.all([api.stop(), web.stop()]);
    record.remove();
  }
  const running = await listSandboxContainers(settings);
  console.log(
    running.length === 0
      ? "Stopped."
      : `Stopped API and page. ${running.length} sandboxes go on; \`npm run stop\` ends those too.`,
  );
}

/** @param {string} text */
function dim(text) {
  return process.stdout.isTTY ? `\u001b[2m${text}\u001b[22m` : text;
}

/** Resolved by the user's signal (a second one ends the process at once), rejected by `fail`. */
function createStopSignal() {
  let isStopping = false;
  let stoppedAt = 0;
  /** @type {() => void} */
  let resolveIt = () => {};
  /** @type {(error: Error) => void} */
  let rejectIt = () => {};
  /** @type {Promise<void>} */
  const promise = new Promise((resolve, reject) => {
    resolveIt = resolve;
    rejectIt = reject;
  });
  // `promise` may be rejected before anyone waits for it.
  promise.catch(() => {});
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      // Ctrl-C under npm may arrive twice: from the terminal and from npm.
      if (isStopping && Date.now() - stoppedAt > 500) process.exit(130);
      if (isStopping) return;
      isStopping = true;
      stoppedAt = Date.now();
      console.log("Stopping …");
      resolveIt();
    });
  }
  return {
    promise,
    isStopping: () => isStopping,
    /** @param {string} message */
    fail(message) {
      isStopping = true;
      rejectIt(failure(`${message} Its own words are above. Not starting it again.`));
    },
  };
}

/** @param {import("./settings.mjs").Settings} settings @param {ReturnType<typeof createStopSignal>} stopped */
async function announceWhenReady(settings, stopped) {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (const [name, url] of /** @type {const} */ ([
    ["The API", `http://127.0.0.1:${settings.port}/api/health`],
    // Not `/` itself: in development that is compiled at its first request, which takes a while on a busy machine.
    ["The page", `http://127.0.0.1:${settings.webPort}/_next/static/any`],
  ])) {
    while (!(await isAnswering(url))) {
      if (stopped.isStopping()) return;
      if (Date.now() > deadline) throw failure(`${name} does not answer at ${url} after ${READY_WITHIN_MS / 1000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }
  console.log(`Background Agents is ready: ${findAddress(settings)}`);
  // So that it is compiled by the time someone opens it.
  void isAnswering(`http://127.0.0.1:${settings.webPort}/`);
}

/**
 * Whether an HTTP server answers there, with anything but an error of its own.
 * @param {string} url
 */
async function isAnswering(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
    await answer.arrayBuffer();
    return answer.status < 500;
  } catch {
    return false;
  }
}
