import type { RequestOptions } from "node:http";

/** Where the server's hub listens, as the supervisor sees it. */
export type HubAddress = { kind: "unix"; path: string } | { kind: "tcp"; host: string; port: number };

/** Reads `unix:<path>` or `tcp:<host>:<port>`; throws on anything else. */
export function parseHubAddress(text: string): HubAddress {
  const unix = /^unix:(\/.+)$/.exec(text)?.[1];
  if (unix !== undefined) return { kind: "unix", path: unix };
  const [, host, port] = /^tcp:(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined) return { kind: "tcp", host, port: Number(port) };
  throw new Error(`The hub's address must be unix:<path> or tcp:<host>:<port>, not ${JSON.stringify(text)}`);
}

/** Tells the agent's commands which of the sandbox's ways to git and gh holds. */
export const GIT_CREDENTIALS_ENV = "BACKGROUND_AGENTS_GIT_CREDENTIALS";

/** What {@link parseHubAddress} reads. */
export function formatHubAddress(address: HubAddress): string {
  return address.kind === "unix" ? `unix:${address.path}` : `tcp:${address.host}:${address.port}`;
}

/** Options of `http.request` that reach the hub. */
export function hubRequestOptions(address: HubAddress): RequestOptions {
  return address.kind === "unix" ? { socketPath: address.path } : { host: address.host, port: address.port };
}

/** URL of the control socket in the form `ws` takes. */
export function hubControlUrl(address: HubAddress): string {
  return address.kind === "unix" ? `ws+unix:${address.path}:/control` : `ws://${address.host}:${address.port}/control`;
}
