import { homedir, userInfo } from "node:os";
import { type App, createApp } from "./app.ts";
import { makeDirectories, readConfig } from "./config.ts";
import { acquireDataLock } from "./db/data-lock.ts";
import { messageOf } from "./lib/app-error.ts";
import { systemClock } from "./lib/clock.ts";
import { ensureInstanceId } from "./lib/instance-id.ts";
import { installLastResort } from "./lib/last-resort.ts";
import { createLogger } from "./lib/logger.ts";
import { createDockerProvider } from "./sandboxes/docker-provider.ts";
import { findHostCredentials, SANDBOX_USER } from "./sandboxes/host-credentials.ts";
import { createProfileBook } from "./sandboxes/profile-book.ts";
import { createVolumeOwners } from "./sandboxes/volume-owners.ts";

/** Exit code for what starting again cannot mend: wrong configuration, taken port, unusable data. */
const EXIT_UNUSABLE = 78;
/** Exit code for what a new start may mend. */
const EXIT_CRASHED = 1;
const CLOSE_LIMIT_MS = 6_000;

async function main(): Promise<void> {
  const config = readConfig(process.env, process.cwd());
  makeDirectories(config);
  const release = acquireDataLock(config.dataDir);
  const running: { app?: App } = {};
  const redact = (line: string): string => running.app?.redact(line) ?? line;
  const log = createLogger({ level: config.logLevel, pretty: process.stderr.isTTY, redact });
  installLastResort({ process, log, exit: () => process.exit(EXIT_CRASHED) });
  const instance = ensureInstanceId(config.dataDir);
  const { hub, image } = config.sandbox;
  const { uid, gid } = userInfo();
  if (config.gitCredentials === "mount") {
    log.warn("GIT_CREDENTIALS=mount: agents can read your SSH keys, git settings and gh login, and take them along");
  }
  const { dataDir } = config;
  const provider = createDockerProvider({
    ...{ instance, dataDir, image, hub, log, clock: systemClock },
    owners: createVolumeOwners({ dataDir, defaultUser: SANDBOX_USER }),
    profiles: createProfileBook({ dataDir }),
    findCredentials: () => findHostCredentials({ home: homedir(), uid, gid }),
  });
  const app = await createApp({ config, instance, provider, clock: systemClock, log });
  running.app = app;
  const { port } = await app.listen();
  log.info(`API on http://localhost:${port}`);
  await app.recover();

  let closing = false;
  const stop = (signal: string): void => {
    if (closing) return;
    closing = true;
    // Everything accepted is committed: what does not close in time is left as a crash would leave it.
    setTimeout(() => {
      log.warn("closing takes too long; ending now");
      process.exit(0);
    }, CLOSE_LIMIT_MS).unref();
    log.info(`${signal}: closing; running sandboxes wait for the next start`);
    app
      .close()
      .then(() => {
        release();
        process.exit(0);
      })
      .catch((error: unknown) => {
        log.error({ error: messageOf(error) }, "closing failed");
        process.exit(1);
      });
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
}

main().catch((error: unknown) => {
  const taken = typeof error === "object" && error !== null && "code" in error && error.code === "EADDRINUSE";
  const message = taken ? `The port is taken: ${messageOf(error)}. Set another PORT in .env.` : messageOf(error);
  process.stderr.write(`${message}\n`);
  process.exit(EXIT_UNUSABLE);
});
