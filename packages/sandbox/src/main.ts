import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";
import { readConfig } from "./supervisor/config.ts";
import { startSupervisor } from "./supervisor/supervisor.ts";

const supervisor = await startSupervisor({
  ...readConfig(process.env),
  paths: CONTAINER_PATHS,
  environment: process.env,
  log: (message) => console.log(message),
  onDone: (exitCode) => process.exit(exitCode),
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => void supervisor.shutdown(`Ended by ${signal}.`));
}

// A mistake in one place must not take the agent and its work down with it.
process.on("unhandledRejection", (reason) => console.error("Unhandled rejection:", reason));
