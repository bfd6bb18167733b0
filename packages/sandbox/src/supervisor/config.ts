import { readFileSync } from "node:fs";
import { BootId } from "@background-agents/shared/ids";
import { CONTAINER_PATHS, SUPERVISOR_ENV } from "@background-agents/shared/protocol/supervisor-frames";
import { z } from "zod";
import { parseHubAddress } from "./hub-address.ts";

const Environment = z.object({
  [SUPERVISOR_ENV.hub]: z.string().default(`unix:${CONTAINER_PATHS.hubSocket}`),
  [SUPERVISOR_ENV.boot]: BootId,
  BACKGROUND_AGENTS_OPENCODE: z.string().default("opencode"),
  BACKGROUND_AGENTS_OPENCODE_VERSION: z.string().default("unknown"),
});

/** Reads the supervisor's environment and token file; throws with what is missing. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>) {
  const read = Environment.parse(environment);
  return {
    hub: parseHubAddress(read[SUPERVISOR_ENV.hub]),
    boot: read[SUPERVISOR_ENV.boot],
    token: readFileSync(CONTAINER_PATHS.tokenFile, "utf8").trim(),
    opencode: { binary: read.BACKGROUND_AGENTS_OPENCODE, version: read.BACKGROUND_AGENTS_OPENCODE_VERSION },
  };
}
