import { execFile } from "node:child_process";
import { findAddress } from "./address.mjs";
import { failure, runMain } from "./failure.mjs";
import { readSettings, ROOT } from "./settings.mjs";

/** `npm run open`: prints the address of the page and opens it where there is a desktop. */
await runMain(async () => {
  const settings = readSettings(ROOT, process.env);
  const address = findAddress(settings);
  if (address === undefined) {
    throw failure(`There is no token in ${settings.dataDir} yet: start with ./scripts/dev.sh first.`);
  }
  console.log(address);
  const opener = findOpener(settings.env);
  // Best effort: the line above is what counts.
  if (opener !== undefined) execFile(opener, [address], () => {});
});

/** @param {Record<string, string>} env */
function findOpener(env) {
  if (process.platform === "darwin") return "open";
  if (env["WSL_DISTRO_NAME"] !== undefined) return "wslview";
  if (env["DISPLAY"] !== undefined || env["WAYLAND_DISPLAY"] !== undefined) return "xdg-open";
  return undefined;
}
