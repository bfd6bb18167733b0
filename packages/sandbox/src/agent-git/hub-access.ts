import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CONTAINER_PATHS, SUPERVISOR_ENV } from "@background-agents/shared/protocol/supervisor-frames";
import { type HubAddress, parseHubAddress } from "../supervisor/hub-address.ts";

export interface HubAccess {
  address: HubAddress;
  token: string;
}

/** Where the hub is and the boot's token, as the supervisor reads them. Throws where this is no sandbox. */
export function readHubAccess(environment: Readonly<Record<string, string | undefined>>): HubAccess {
  const address = parseHubAddress(environment[SUPERVISOR_ENV.hub] ?? `unix:${CONTAINER_PATHS.hubSocket}`);
  const tokenFile = address.kind === "unix" ? join(dirname(address.path), "token") : CONTAINER_PATHS.tokenFile;
  return { address, token: readFileSync(tokenFile, "utf8").trim() };
}
