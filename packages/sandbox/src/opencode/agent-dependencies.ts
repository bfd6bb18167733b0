import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What OpenCode wants beside its configuration, for plugins that may stand there; ours has none. */
const DEPENDENCY = "@opencode-ai/plugin";

/**
 * Makes OpenCode's own configuration directory look installed. Else each new sandbox fetches a package that nothing
 * uses, from a registry that it may not be allowed to reach: a refused host on the page that nobody asked for. Where it
 * fails (a full disk), that is all that happens, so a failure is no harm.
 */
export function ensureNothingToInstall(state: string): void {
  const directory = join(state, "config", "opencode");
  const dependencies = { [DEPENDENCY]: "*" };
  try {
    mkdirSync(join(directory, "node_modules"), { recursive: true });
    // `wx`: what the agent installed there for itself stays.
    writeFileSync(join(directory, "package.json"), JSON.stringify({ dependencies }), { flag: "wx" });
    writeFileSync(
      join(directory, "package-lock.json"),
      JSON.stringify({ lockfileVersion: 3, packages: { "": { dependencies } } }),
      { flag: "wx" },
    );
  } catch {
    // See above.
  }
}
