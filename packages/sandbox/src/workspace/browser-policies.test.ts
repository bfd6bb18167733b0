import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "browser-policies-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Does what the image's build does for the browsers, with another directory in the place of `/etc`. */
function writePolicies(): void {
  const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");
  const run = dockerfile.split(/^(?=[A-Z]+ )/m).find((one) => one.includes("EncryptedClientHelloEnabled"));
  if (!run?.startsWith("RUN ")) throw new Error("packages/sandbox/Dockerfile writes no policy for browsers");
  // As the engine reads it: comment lines within an instruction are none of it.
  const lines = run
    .slice("RUN ".length)
    .split("\n")
    .filter((line) => !/^\s*#/.test(line));
  execFileSync("sh", ["-c", lines.join("\n").replaceAll("/etc/", `${root}/`)], { stdio: "pipe" });
}

it("tells the image's browsers, each where it looks, to hide no host from the proxy", () => {
  writePolicies();
  for (const browser of ["chromium", "opt/chrome", "opt/chrome_for_testing"]) {
    const policy = readFileSync(join(root, browser, "policies/managed/background-agents.json"), "utf8");
    expect(JSON.parse(policy)).toEqual({ EncryptedClientHelloEnabled: false });
  }
  expect(readFileSync(join(root, "firefox/defaults/pref/background-agents.js"), "utf8").split("\n")).toEqual([
    'pref("network.dns.echconfig.enabled", false);',
    'pref("network.dns.http3_echconfig.enabled", false);',
    'pref("security.tls.ech.grease_probability", 0);',
    "",
  ]);
});
