import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/** A socket that waits for connections on the loopback. */
export interface ListeningSocket {
  port: number;
  inode: string;
}

export interface SocketOwner {
  pid: number;
  /** What it was started as, arguments divided by spaces. */
  command: string;
}

const LISTEN = "0A";
/** Loopback, or all addresses; IPv4 and IPv6, as the kernel writes them: 32-bit words, little-endian. */
const REACHED = /^(00000000|[0-9A-F]{6}7F|0{32}|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;
const MAX_COMMAND = 500;

/** Reads a table as in `/proc/net/tcp`: what listens where a connection to the loopback arrives. */
export function parseListening(table: string): ListeningSocket[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    if (state !== LISTEN || !REACHED.test(address)) return [];
    return [{ port: Number.parseInt(port, 16), inode }];
  });
}

/** What listens on the loopback now; `proc` is where the kernel tells of processes. */
export async function readListening(proc: string): Promise<ListeningSocket[]> {
  const tables = ["net/tcp", "net/tcp6"].map((name) => readFile(join(proc, name), "utf8").catch(() => ""));
  return (await Promise.all(tables)).flatMap(parseListening);
}

/** Whose sockets these are, as far as they can be seen: the process that has held it longest, where several do. */
export async function findOwners(proc: string, inodes: ReadonlySet<string>): Promise<Map<string, SocketOwner>> {
  const owners = new Map<string, SocketOwner>();
  const pids = (await readdir(proc).catch(() => [])).map(Number).filter(Number.isInteger);
  for (const pid of pids.toSorted((a, b) => a - b)) {
    const held = (await listSockets(join(proc, String(pid), "fd"))).filter(
      (inode) => inodes.has(inode) && !owners.has(inode),
    );
    if (held.length === 0) continue;
    const words = await readFile(join(proc, String(pid), "cmdline"), "utf8").catch(() => "");
    const command = words.replaceAll("\0", " ").trim().slice(0, MAX_COMMAND);
    for (const inode of held) owners.set(inode, { pid, command });
  }
  return owners;
}

async function listSockets(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(join(directory, name)).catch(() => "")));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}
