import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, expect, it } from "vitest";
import { startPortsWatch, type PortsWatchDeps } from "./ports-watch.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, close: () => once(server.close(), "close") };
}

/** A quick watch of this machine, and what it said of one port: each time whether it was there. */
function watch(deps: Partial<PortsWatchDeps> = {}) {
  const frames: SupervisorFrame[] = [];
  let wake: () => void = () => undefined;
  const send = (frame: SupervisorFrame) => {
    frames.push(frame);
    wake();
  };
  const watching = startPortsWatch({ isConnected: () => true, ownPids: () => [], send, everyMs: 20, ...deps });
  closing.push(watching.stop);
  const lists = (frame: SupervisorFrame | undefined, port: number) =>
    frame?.type === "ports" && frame.ports.some((one) => one.port === port);
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { frames, lists, until, watching };
}

it("tells that something listens, and that it does no more", async () => {
  const { frames, lists, until, watching } = watch();
  const { port, close } = await listen();
  await until(() => lists(frames.at(-1), port) === true);
  expect(lists(watching.frame(), port)).toBe(true);
  await close();
  await until(() => lists(frames.at(-1), port) === false);
});

it("keeps its own ports to itself, and looks only while a server is there", async () => {
  let pids: number[] = [process.pid];
  let connected = false;
  const { frames, lists, until } = watch({ ownPids: () => pids, isConnected: () => connected });
  const own = await listen();
  await new Promise((resolve) => setImmediate(resolve));
  expect(frames).toEqual([]);
  connected = true;
  pids = [];
  await until(() => lists(frames.at(-1), own.port) === true);
  pids = [process.pid];
  await until(() => lists(frames.at(-1), own.port) === false);
});
