import { createApp } from "../src/app.ts";
import { makeDirectories, readConfig } from "../src/config.ts";
import { acquireDataLock } from "../src/db/data-lock.ts";
import { messageOf } from "../src/lib/app-error.ts";
import { ensureInstanceId } from "../src/lib/instance-id.ts";
import { createLogger } from "../src/lib/logger.ts";
import { connectRemoteEngine } from "./remote-engine.ts";

/**
 * The real server as a process of its own, as `src/main.ts` starts it, but for some differences: its engine lives in the
 * process that started it (FAULTS_ENGINE, a Unix socket), and it kills itself with SIGKILL where FAULTS_FAILPOINT
 * (`name:n`, the n-th time) says so. FAULTS_CLOCK_MS moves its clock, FAULTS_STOP_LIMIT_MS is how long an agent has to
 * obey a stop. It is without the net of `src/lib/last-resort.ts`: what nobody catches ends it, and fails the fault.
 */
const EXIT_UNUSABLE = 78;

function createFailpoint(armed: string | undefined): (name: string) => void {
  const [wanted = "", nth = "1"] = armed?.split(":") ?? [];
  let hits = 0;
  return (name) => {
    if (name === wanted && ++hits === Number(nth)) process.kill(process.pid, "SIGKILL");
  };
}

/** Moves both the injected clock and the global one, as a machine whose clock jumps does. */
function createMovableClock(startOffsetMs: number) {
  const realNow = Date.now.bind(Date);
  let offsetMs = startOffsetMs;
  Date.now = () => realNow() + offsetMs;
  return {
    clock: { now: () => new Date(Date.now()) },
    move: (toOffsetMs: number) => {
      offsetMs = toOffsetMs;
    },
  };
}

async function main(): Promise<void> {
  const config = readConfig(process.env, process.cwd());
  makeDirectories(config);
  const release = acquireDataLock(config.dataDir);
  const log = createLogger({ level: config.logLevel, pretty: false });
  const instance = ensureInstanceId(config.dataDir);
  const { clock, move } = createMovableClock(Number(process.env["FAULTS_CLOCK_MS"] ?? 0));
  const provider = await connectRemoteEngine({
    socketPath: process.env["FAULTS_ENGINE"] ?? "",
    instance,
    onClock: move,
  });
  const failpoint = createFailpoint(process.env["FAULTS_FAILPOINT"]);
  const { FAULTS_STOP_LIMIT_MS: limit } = process.env;
  const patience = limit === undefined ? {} : { stopLimitMs: Number(limit) };
  // Simulated sandboxes take none.
  const readAvailableMemory = () => undefined;
  const app = await createApp({ config, instance, provider, clock, log, failpoint, readAvailableMemory, ...patience });
  const { port } = await app.listen();
  await app.recover();
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.on("SIGTERM", () => {
    void app.close().then(() => {
      release();
      process.exit(0);
    });
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(EXIT_UNUSABLE);
});
