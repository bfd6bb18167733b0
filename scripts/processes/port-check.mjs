import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import { findGroup } from "./process-identity.mjs";

/**
 * Whether something listens on `port` of this machine's loopback, or would keep us from listening there.
 * @param {number} port
 */
export async function isPortTaken(port) {
  if (!(await canListen(port))) return true;
  // macOS lets one listen on 127.0.0.1 beside a listener on all addresses; browsers try ::1 for `localhost` first.
  return (await answers("127.0.0.1", port)) || (await answers("::1", port));
}

/**
 * Whether a TCP connection to `host:port` is accepted.
 * @param {string} host
 * @param {number} port
 * @returns {Promise<boolean>}
 */
export function answers(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Accepted by the kernel but not yet by the process: it is there.
    socket.once("timeout", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** @param {number} port @returns {Promise<boolean>} */
function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * @typedef {object} PortOwner
 * @property {string} text what to call it: "process 123 (node server.js)"
 * @property {number | undefined} groupId the leader of its process group, by which one knows what a run started
 */

/**
 * The process that listens on `port`, as far as this user may see it.
 * @param {number} port
 * @returns {PortOwner | undefined}
 */
export function findPortOwner(port) {
  const pid = existsSync("/proc/net/tcp") ? findOwnerInProc(port) : findOwnerWithLsof(port);
  if (pid === undefined) return undefined;
  const command = readCommand(pid);
  const text = command === undefined ? `process ${pid}` : `process ${pid} (${command})`;
  return { text, groupId: findGroup(pid) };
}

/** @param {number} port */
function findOwnerInProc(port) {
  const inodes = new Set();
  const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    if (!existsSync(table)) continue;
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      // Field 3 is the state, 0A is LISTEN; field 9 the socket's inode.
      if (fields[1]?.endsWith(`:${hexPort}`) && fields[3] === "0A") inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return Number(pid);
      }
    } catch {
      // Another user's process, or one that just ended.
      continue;
    }
  }
  return undefined;
}

/** @param {number} port */
function findOwnerWithLsof(port) {
  try {
    const text = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
    const pid = Number.parseInt(text, 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function readCommand(pid) {
  try {
    const text = existsSync(`/proc/${pid}/cmdline`)
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
      : execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
    const command = text.trim();
    return command.length > 80 ? `${command.slice(0, 79)}…` : command || undefined;
  } catch {
    return undefined;
  }
}
