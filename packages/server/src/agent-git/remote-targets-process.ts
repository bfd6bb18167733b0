import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import type { Remote } from "../publishing/remotes.ts";

/**
 * Where git and gh connect to for a remote, as `host:port`: what ssh makes of the name by the user's own configuration,
 * and for https the host with its API. Names in lower case. A path needs no connection.
 */
export async function listRemoteTargets(remote: Remote): Promise<string[]> {
  const { address, url } = remote;
  const { host, transport } = address;
  if (host === null) return [];
  const port = URL.canParse(url) ? new URL(url).port : "";
  const web = [`${host}:443`, `api.${host}:443`];
  if (transport !== "ssh") return [`${host}:${port || (transport === "http" ? "80" : "443")}`, ...web];
  return [await resolveSsh(host, port), ...web];
}

/** `ssh -G` says what a connection would be, and makes none. */
function resolveSsh(host: string, port: string): Promise<string> {
  const ownHome = homedir() === userInfo().homedir;
  const config = join(homedir(), ".ssh", "config");
  // ssh reads the configuration of the user's entry in the system, whatever HOME says.
  const file = !ownHome && existsSync(config) ? ["-F", config] : [];
  const args = [...file, ...(port === "" ? [] : ["-p", port]), "-G", "--", host];
  return new Promise((resolve) => {
    execFile("ssh", args, { timeout: 10_000 }, (error, stdout) => {
      const read = (name: string) => new RegExp(`^${name} (.+)$`, "m").exec(stdout)?.[1];
      const known = error ? undefined : { host: read("hostname"), port: read("port") };
      resolve(`${known?.host ?? host}:${known?.port ?? (port || "22")}`.toLowerCase());
    });
  });
}
