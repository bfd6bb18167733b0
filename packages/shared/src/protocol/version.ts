import type { HubFrame } from "./supervisor-frames.ts";

/**
 * Version of the frames between supervisor and server.
 * 1: prompts, parts, answers, checkpoints. 2: `work.restore`, the working tree of a running turn (`PUT /live`), and git
 * by way of the server. 3: secrets, setup scripts, previews.
 */
export const SUPERVISOR_PROTOCOL_VERSION = 3;

/** A server also serves the version before its own: until the turn under way has ended. */
export const OLDEST_SUPERVISOR_PROTOCOL_VERSION = 2;

/** The version that first understood an order; those that are not named are as old as the first. */
export const ORDERS_SINCE: Partial<Record<HubFrame["type"], number>> = {
  "work.restore": 2,
  "setup.run": 3,
  "setup.stop": 3,
  "preview.connect": 3,
};

/** WebSocket subprotocol that browsers offer first; the second one offered is `bearer.<token>`. */
export const BROWSER_SUBPROTOCOL = "background-agents.v1";
