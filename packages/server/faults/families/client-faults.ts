import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import { WebSocket } from "ws";
import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";

export const CLIENT_FAULTS: Fault[] = [
  {
    name: "200 clients reconnect at once",
    quick: true,
    async run(world) {
      const sessionId = await world.createSession({ label: "first", plan: { parts: 30, paceMs: 20 } });
      for (let opened = 1; opened < 200; opened++) world.watch(sessionId);
      await world.until(() => world.clients.every((client) => client.connections > 0));
      await world.killAndRecover();
      for (const client of world.clients) client.cut();
    },
  },
  {
    name: "a client cut every 50 ms",
    quick: true,
    async run(world) {
      await world.createSession({ label: "first", plan: { parts: 15, paceMs: 10 } });
      for (let time = 0; time < 40; time++) {
        await pause(50);
        world.clients[0]?.cut();
      }
    },
  },
  {
    name: "a client that never reads is cut, others are not held up",
    quick: false,
    run: neverReads,
  },
];

/** 30 MB for a client that reads nothing: more than the kernel's buffers and the limit together. */
async function neverReads(world: FaultWorld): Promise<void> {
  const sessionId = await world.createSession();
  const { port, token } = world.address();
  const slow = new WebSocket(`ws://localhost:${port}/api/sessions/${sessionId}/socket?after=0`, [
    BROWSER_SUBPROTOCOL,
    `bearer.${token}`,
  ]);
  await new Promise((resolve) => slow.once("message", resolve));
  const ended = new Promise<number | string>((resolve) => slow.once("close", resolve));
  slow.on("error", () => undefined);
  slow.pause();
  const before = residentBytes(world.server.pid);
  await world.send(sessionId, "much", { parts: 100, deltas: 1, characters: 300_000, paceMs: 10 });
  await world.settle(120_000);
  const grownBy = residentBytes(world.server.pid) - before;
  world.expect(grownBy < 200 * 2 ** 20, `the server grew by ${Math.round(grownBy / 2 ** 20)} MiB`);
  slow.resume();
  const code = await Promise.race([ended, pause(10_000, "never")]);
  world.expect(code === 1006, `the client that did not read was not cut (${code})`);
  slow.terminate();
}

function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096;
}
