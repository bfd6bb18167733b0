import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";

/** The sandbox's own user: not root, and nobody on the host. */
export const SANDBOX_USER = "10001:10001";

const HOME = `${CONTAINER_PATHS.state}/home`;
/** What git, ssh and gh keep in a home directory. */
const FILES = [".ssh", ".gitconfig", ".config/gh"];

/** With `GIT_CREDENTIALS=mount`: the user's own files in the container, and their user id, which alone may read them. */
export interface HostCredentials {
  /** `uid:gid` of the server's user. */
  user: string;
  mounts: { source: string; target: string }[];
  env: Record<string, string>;
}

/** Which of the files are there. */
export function findHostCredentials(host: { home: string; uid: number; gid: number }): HostCredentials {
  const there = FILES.filter((file) => existsSync(join(host.home, file)));
  return {
    user: `${host.uid}:${host.gid}`,
    mounts: there.map((file) => ({ source: join(host.home, file), target: `${HOME}/${file}` })),
    // gh would look where XDG_CONFIG_HOME leads, which in a sandbox is not below the home.
    env: { GH_CONFIG_DIR: `${HOME}/.config/gh` },
  };
}

/** Writes an /etc/passwd that has the user: ssh does nothing for a user without a name, and looks for its files there. */
export function writePasswd(directory: string, user: string): string {
  const [uid = "", gid = ""] = user.split(":");
  const name = uid === "0" ? "root" : "agent";
  const lines = [
    `${name}:x:${uid}:${gid}:agent:${HOME}:/bin/bash`,
    "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
  ];
  if (uid !== "0") lines.push("root:x:0:0:root:/root:/bin/false");
  const path = join(directory, "passwd");
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o644 });
  return path;
}
