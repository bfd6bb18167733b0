import type { SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";
import { findOwners, readListening } from "../lib/listening-sockets.ts";

const EVERY_MS = 2_000;
const MAX_PORTS = 100;

export interface PortsWatchDeps {
  isConnected: () => boolean;
  /** Processes whose ports nobody is to look at: the supervisor's and OpenCode's own. */
  ownPids: () => readonly (number | undefined)[];
  send: (frame: SupervisorFrame) => void;
  /** Where the kernel tells of processes. */
  proc?: string | undefined;
  everyMs?: number | undefined;
}

/** Looks what listens in the sandbox while a server is there, and tells it when that changes. */
export function startPortsWatch(deps: PortsWatchDeps) {
  const { proc = "/proc", everyMs = EVERY_MS } = deps;
  let seen = "";
  let ports: ListeningPort[] = [];
  let looking = false;

  async function look(): Promise<void> {
    if (looking || !deps.isConnected()) return;
    looking = true;
    try {
      const sockets = await readListening(proc);
      const key = JSON.stringify([deps.ownPids(), sockets]);
      // Whose they are takes a look at every process: only where something came or went.
      if (key === seen) return;
      const owners = await findOwners(proc, new Set(sockets.map(({ inode }) => inode)));
      const found = new Map<number, ListeningPort>();
      for (const { port, inode } of sockets) {
        const owner = owners.get(inode);
        if (owner && deps.ownPids().includes(owner.pid)) continue;
        found.set(port, { port, command: owner?.command || null });
      }
      const next = [...found.values()].slice(0, MAX_PORTS);
      seen = key;
      if (JSON.stringify(next) === JSON.stringify(ports)) return;
      ports = next;
      deps.send({ type: "ports", ports });
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(() => void look(), everyMs);
  return {
    /** For a server that knows nothing yet. */
    frame: (): SupervisorFrame => ({ type: "ports", ports }),
    stop: () => clearInterval(timer),
  };
}
