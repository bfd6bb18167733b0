import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import { SessionFrame } from "@background-agents/shared/protocol/session-frames";
import type { SessionEvent } from "@background-agents/shared/protocol/session-events";
import { pino } from "pino";
import { WebSocket } from "ws";
import { createApp, type App } from "../app.ts";
import { makeDirectories, readConfig } from "../config.ts";
import type { EgressDialerDeps } from "../egress/egress-dialer.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { createFakeProvider, type FakeProvider } from "./fake-provider.ts";
import type { FakeSupervisor, FakeTurn } from "./fake-supervisor.ts";
import { frameText } from "../lib/frame-text.ts";

export interface TestServer {
  app: App;
  provider: FakeProvider;
  base: string;
  port: number;
  token: string;
  dataDir: string;
  reposDir: string;
  /** A fetch with token and JSON body. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }>;
  watch(sessionId: string, after?: number): Promise<Watcher>;
  /** Closes the server and opens a new one on the same data and the same engine. */
  restart(): Promise<TestServer>;
  close(): Promise<void>;
}

export interface Watcher {
  frames: SessionFrame[];
  events: SessionEvent[];
  /** Resolves with the first frame, past or to come, that fits. */
  waitFor(fits: (frame: SessionFrame) => boolean): Promise<SessionFrame>;
  waitForEvent(type: SessionEvent["type"]): Promise<SessionEvent>;
  /** Reads no more, as a page on a slow line, until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** The real app on real SQLite, real git and real sockets; only the containers are fake. */
export async function startTestServer(deps: {
  onTurn: (turn: FakeTurn) => Promise<void>;
  /** What a container of the setup script's own does; without it, the script ran well. */
  onSetup?: (supervisor: FakeSupervisor) => Promise<void>;
  /** Further settings, as in `.env`. */
  env?: Record<string, string>;
  clock?: Clock;
  /** What the disk of the data directory is said to have free. */
  readFreeBytes?: () => Promise<number>;
  stopLimitMs?: number;
  /** Where sandboxes' connections lead; the system's own way where it is not given. */
  dialer?: EgressDialerDeps;
}): Promise<TestServer> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "ba-")));
  const provider = createFakeProvider(deps);
  return open({ ...deps, root, provider });
}

async function open(deps: {
  root: string;
  provider: FakeProvider;
  env?: Record<string, string>;
  clock?: Clock;
  readFreeBytes?: () => Promise<number>;
  stopLimitMs?: number;
  dialer?: EgressDialerDeps;
}): Promise<TestServer> {
  const { root, provider, clock = systemClock, readFreeBytes, stopLimitMs } = deps;
  const dataDir = join(root, "data");
  const reposDir = join(root, "repos");
  const env = {
    PORT: "0",
    DATA_DIR: dataDir,
    REPOS_DIR: reposDir,
    DEMO_PACE_MS: "0",
    LOG_LEVEL: "silent",
    ...deps.env,
  };
  const config = readConfig(env, root);
  makeDirectories(config);
  const log = pino({ level: process.env["TEST_LOG_LEVEL"] ?? "silent" });
  const app = await createApp({
    ...{ config, instance: "0123456789", provider, clock, log },
    // What waits here waits for a reason that the test gave, and not for the machine it runs on.
    readAvailableMemory: () => undefined,
    ...(readFreeBytes === undefined ? {} : { readFreeBytes }),
    ...(stopLimitMs === undefined ? {} : { stopLimitMs }),
    ...(deps.dialer && { dialer: deps.dialer }),
  });
  const { port, token } = await app.listen();
  await app.recover();
  const base = `http://localhost:${port}`;
  const watchers = new Set<Watcher>();

  return {
    app,
    provider,
    base,
    port,
    token,
    dataDir,
    reposDir,
    async call(method, path, body) {
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const json: unknown = text.startsWith("{") ? JSON.parse(text) : text;
      return { status: answer.status, body: json as never };
    },
    async watch(sessionId, after) {
      const watcher = await openWatcher({ url: base, sessionId, token, after });
      watchers.add(watcher);
      return watcher;
    },
    async restart() {
      for (const watcher of watchers) watcher.close();
      await app.close();
      return open(deps);
    },
    async close() {
      for (const watcher of watchers) watcher.close();
      for (const container of provider.containers.values()) container.supervisor?.close();
      await app.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function openWatcher(deps: {
  url: string;
  sessionId: string;
  token: string;
  after: number | undefined;
}): Promise<Watcher> {
  const query = deps.after === undefined ? "" : `?after=${deps.after}`;
  const socket = new WebSocket(`${deps.url.replace("http", "ws")}/api/sessions/${deps.sessionId}/socket${query}`, [
    BROWSER_SUBPROTOCOL,
    `bearer.${deps.token}`,
  ]);
  const frames: SessionFrame[] = [];
  const waiting = new Set<{ fits: (frame: SessionFrame) => boolean; resolve: (frame: SessionFrame) => void }>();
  socket.on("message", (data) => {
    const frame = SessionFrame.parse(JSON.parse(frameText(data)));
    frames.push(frame);
    for (const one of waiting) {
      if (!one.fits(frame)) continue;
      waiting.delete(one);
      one.resolve(frame);
    }
  });
  const watcher: Watcher = {
    frames,
    get events() {
      return frames.flatMap((frame) => (frame.type === "event" ? [frame.event] : []));
    },
    waitFor(fits) {
      const past = frames.find(fits);
      if (past) return Promise.resolve(past);
      return new Promise((resolve) => waiting.add({ fits, resolve }));
    },
    async waitForEvent(type) {
      const frame = await watcher.waitFor((one) => one.type === "event" && one.event.type === type);
      if (frame.type !== "event") throw new Error("not an event");
      return frame.event;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.terminate(),
  };
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("The server closed the socket before its snapshot came.")));
    void watcher.waitFor((frame) => frame.type === "snapshot").then(() => resolve());
  });
  return watcher;
}

/** A real repository with one commit on `main`, under `parent`. */
export function makeRepository(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true });
  const git = (...args: string[]): void => void execFileSync("git", ["-C", path, ...args], { stdio: "pipe" });
  git("init", "--quiet", "-b", "main");
  git("config", "user.name", "Ada Example");
  git("config", "user.email", "ada@example.org");
  writeFileSync(join(path, "README.md"), "# Example\n");
  git("add", "-A");
  git("commit", "--quiet", "-m", "Begin");
  return path;
}
