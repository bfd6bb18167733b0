const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Whether a page opened under this name is opened on the machine that serves it (or through a tunnel to it). */
export const isLoopback = (hostname: string): boolean => LOOPBACK.has(hostname);

/**
 * Where the API is for a page opened under `hostname`. An API on loopback is meant "on the same machine as the page": a
 * page opened under another name (a phone on a private network) finds it under that name, at the API's port.
 */
export function apiUrlFor(configured: string, hostname: string): string {
  const url = new URL(configured);
  if (LOOPBACK.has(url.hostname) && hostname) url.hostname = hostname;
  return url.origin;
}
