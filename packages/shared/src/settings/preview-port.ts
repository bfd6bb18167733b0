/**
 * Where previews are shown if nothing is set: beside the API, so that instances beside each other need no setting of
 * their own for it, and never where the page is. 0, any, stays 0. scripts/processes/settings.mjs, which runs before
 * anything is installed, has the same rule.
 */
export function previewPortBeside(apiPort: number, webPort: number): number {
  if (apiPort === 0) return 0;
  const near = [apiPort + 1, apiPort + 2].filter((port) => port <= 65_535);
  return near.find((port) => port !== webPort) ?? (apiPort - 1 === webPort ? apiPort - 2 : apiPort - 1);
}
