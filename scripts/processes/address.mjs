import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The address of the page with the token that opens it, or undefined where the server never ran with this DATA_DIR.
 * @param {import("./settings.mjs").Settings} settings
 */
export function findAddress(settings) {
  const file = join(settings.dataDir, "api-token");
  if (!existsSync(file)) return undefined;
  return `http://localhost:${settings.webPort}/#token=${readFileSync(file, "utf8").trim()}`;
}
