import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { BootId, SessionId } from "@background-agents/shared/ids";
import { ERROR_CODE_LIST } from "@background-agents/shared/protocol/error-codes";
import { z } from "zod";
import { AppError, messageOf } from "../src/lib/app-error.ts";
import type { SandboxInstance, SandboxProvider } from "../src/sandboxes/sandbox-provider.ts";
import { receiveLines, sendLine } from "./line-protocol.ts";
import type { SimulatedEngine } from "./simulated-engine.ts";

const Instance = z.object({
  handle: z.string(),
  sessionId: SessionId,
  boot: BootId,
  running: z.boolean(),
  exitCode: z.int().nullable(),
  outOfMemory: z.boolean(),
  differences: z.array(z.string()),
});
const EngineInfo = z.object({
  version: z.string(),
  cpus: z.number(),
  memoryBytes: z.number(),
  transport: z.enum(["unix", "tcp"]),
});
const ErrorCode = z.enum(ERROR_CODE_LIST).catch("server.internal");

/** The server's end: a provider whose engine lives in another process and outlives this one. */
export async function connectRemoteEngine(deps: {
  socketPath: string;
  instance: string;
  onClock: (offsetMs: number) => void;
}): Promise<SandboxProvider> {
  const socket = connect(deps.socketPath);
  await once(socket, "connect");
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const watchers = new Set<(instance: SandboxInstance) => void>();
  let calls = 0;

  receiveLines(socket, (line) => {
    switch (line.type) {
      case "result":
        waiting.get(line.id)?.resolve(line.value);
        waiting.delete(line.id);
        return;
      case "error":
        waiting.get(line.id)?.reject(new AppError(ErrorCode.parse(line.code), line.message));
        waiting.delete(line.id);
        return;
      case "ended":
        for (const watcher of watchers) watcher(Instance.parse(line.instance));
        return;
      case "clock":
        deps.onClock(line.offsetMs);
        return;
      case "call":
    }
  });
  socket.on("close", () => {
    for (const { reject } of waiting.values()) reject(new AppError("engine.unavailable", "The engine hung up."));
    waiting.clear();
  });

  const call = async <S extends z.ZodType>(method: string, args: unknown[], answer: S): Promise<z.output<S>> => {
    calls += 1;
    const id = calls;
    const value = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
    sendLine(socket, { type: "call", id, method, args: [deps.instance, ...args] });
    return answer.parse(await value);
  };
  const nothing = z.unknown().transform(() => undefined);

  return {
    info: () => call("info", [], EngineInfo),
    requireImage: (image) => call("requireImage", [image], nothing),
    hubEndpoint: async () => ({ listenHost: "127.0.0.1", dialHost: "127.0.0.1" }),
    start: (order) => call("start", [order], z.string()),
    stop: (handle) => call("stop", [handle], nothing),
    remove: (handle) => call("remove", [handle], nothing),
    removeVolumes: (sessionId) => call("removeVolumes", [sessionId], nothing),
    deriveImage: async ({ base }) => base,
    removeUnusedImages: async () => 0,
    measureVolumes: async () => new Map(),
    freeSpace: async () => undefined,
    list: () => call("list", [], z.array(Instance)),
    logTail: (handle) => call("logTail", [handle], z.string()),
    watch(onEnd) {
      watchers.add(onEnd);
      return () => watchers.delete(onEnd);
    },
  };
}

/** The engine's end: serves its calls on a Unix socket until closed. */
export async function serveRemoteEngine(engine: SimulatedEngine, socketPath: string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    receiveLines(socket, (line) => {
      if (line.type !== "call") return;
      const { id } = line;
      engine.handle(line.method, line.args).then(
        (value) => sendLine(socket, { type: "result", id, value: value ?? null }),
        (error: unknown) => {
          const code = error instanceof AppError ? error.code : "sandbox.failed";
          sendLine(socket, { type: "error", id, code, message: messageOf(error) });
        },
      );
    });
  });
  const stopWatching = engine.watch((instance) => {
    for (const socket of sockets) sendLine(socket, { type: "ended", instance });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return {
    /** Moves the clock of the server under test. */
    setClock(offsetMs: number): void {
      for (const socket of sockets) sendLine(socket, { type: "clock", offsetMs });
    },
    async close(): Promise<void> {
      stopWatching();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(socketPath, { force: true });
    },
  };
}
