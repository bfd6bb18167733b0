import type { SessionId } from "@background-agents/shared/ids";
import type { Config } from "../config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import type { BlockedEgress } from "./blocked-reports.ts";
import { createEgressProxy, type EgressProxy } from "./egress-proxy.ts";
import { REGISTRY_PRESET } from "./registry-preset.ts";

/** The room's part, wired: what `SANDBOX_NETWORK` says, with the preset of registries for `allowlist`. */
export function createEgress(deps: {
  config: Config;
  clock?: Clock;
  log: Log;
  /** The user's own remotes, where their credentials are in the container. */
  listOwnTargets?: ((sessionId: SessionId) => Promise<readonly string[]>) | undefined;
  onBlocked: (blocked: BlockedEgress) => void;
}): EgressProxy {
  const { config, log, onBlocked, clock, listOwnTargets } = deps;
  return createEgressProxy({
    mode: config.sandbox.network,
    rules: REGISTRY_PRESET,
    upstreamProxy: config.upstreamProxy,
    listOwnTargets,
    onBlocked,
    log,
    ...(clock && { clock }),
  });
}
