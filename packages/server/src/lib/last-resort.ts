import { messageOf } from "./app-error.ts";
import type { Log } from "./logger.ts";

/** What of `process` is needed. */
export interface FailingProcess {
  on(event: "unhandledRejection" | "uncaughtException", listener: (error: unknown) => void): unknown;
}

/**
 * The net under everything. A promise that nobody took care of leaves no state half changed, since every change is one
 * transaction: it is logged and serving goes on. After an exception that nobody caught nothing is sure any more:
 * `exit` is called, and the next start goes on from what was committed.
 */
export function installLastResort(deps: { process: FailingProcess; log: Log; exit: () => void }): void {
  const { log } = deps;
  const describe = (error: unknown) => ({
    error: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  deps.process.on("unhandledRejection", (error) => {
    log.error(describe(error), "something failed that nobody waited for; serving goes on");
  });
  deps.process.on("uncaughtException", (error) => {
    log.fatal(describe(error), "something failed that nobody expected; ending, the next start goes on from here");
    deps.exit();
  });
}
