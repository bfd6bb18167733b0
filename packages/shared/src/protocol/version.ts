/** Version of the frames between supervisor and server. A server also serves the version before its own until that turn ends. */
export const SUPERVISOR_PROTOCOL_VERSION = 1;

/** WebSocket subprotocol that browsers offer first; the second one offered is `bearer.<token>`. */
export const BROWSER_SUBPROTOCOL = "background-agents.v1";
