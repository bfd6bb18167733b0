import { createBackoff } from "../lib/backoff.ts";
import { readResidentBytes } from "../lib/resident-memory.ts";
import { openEventStream } from "./event-stream-client.ts";
import { createOpenCodeClient, type OpenCodeClient } from "./opencode-client.ts";
import type { OpenCodeEvent } from "./opencode-events.ts";
import type { OpenCodeExit, OpenCodeProcess } from "./opencode-process.ts";

export interface AgentDeps {
  launch: () => Promise<OpenCodeProcess>;
  password: string;
  onEvent: (event: OpenCodeEvent) => void;
  /** Events may have been missed: the stream was cut, or the process is a new one. */
  onGap: () => void;
  /** The process ended, by itself or by {@link Agent.kill} (`killed`); it is being started again. */
  onExit: (exit: OpenCodeExit & { killed: boolean }) => void;
  onLog: (text: string) => void;
}

/**
 * Keeps one OpenCode running: starts it, follows its events, starts it again when it ends. Its sessions live in its
 * database, so a new process goes on where the old one was.
 */
export function createAgent({ launch, password, onEvent, onGap, onExit, onLog }: AgentDeps) {
  let process: OpenCodeProcess | undefined;
  let closeStream: () => void = () => undefined;
  let stopped = false;
  /** The process that we ended ourselves, and whether anybody should hear of it. */
  let ended: { process: OpenCodeProcess | undefined; quietly: boolean } = { process: undefined, quietly: false };
  let directory = "";
  let ready: Promise<OpenCodeClient> = Promise.reject(new Error("The agent was not started."));
  ready.catch(() => undefined);

  async function follow(client: OpenCodeClient, current: OpenCodeProcess): Promise<void> {
    const stream = await openEventStream({
      url: client.eventUrl,
      headers: client.headers,
      onEvent: (event) => {
        try {
          onEvent(event);
        } catch (error) {
          onLog(`An event of OpenCode could not be used (${event.type}): ${String(error)}\n`);
        }
      },
      onEnd: () => {
        if (stopped || process !== current) return;
        setTimeout(() => {
          if (stopped || process !== current) return;
          follow(client, current).then(onGap, (error: unknown) =>
            onLog(`The event stream is lost: ${String(error)}\n`),
          );
        }, 100);
      },
    });
    closeStream = stream.close;
  }

  async function attach(current: OpenCodeProcess): Promise<OpenCodeClient> {
    const client = createOpenCodeClient({ url: current.url, password, directory });
    await follow(client, current);
    return client;
  }

  async function relaunch(): Promise<OpenCodeClient> {
    const backoff = createBackoff({ firstMs: 200, maxMs: 10_000 });
    for (;;) {
      try {
        const client = await attach(await start());
        onGap();
        return client;
      } catch (error) {
        if (stopped) throw error;
        onLog(`${String(error)}\n`);
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
      }
    }
  }

  function watch(current: OpenCodeProcess): void {
    void current.exited.then((exit) => {
      if (stopped || process !== current) return;
      closeStream();
      if (directory) {
        ready = relaunch();
        ready.catch(() => undefined);
      }
      const killed = ended.process === current;
      if (!killed || !ended.quietly) onExit({ ...exit, killed });
    });
  }

  async function start(): Promise<OpenCodeProcess> {
    const current = await launch();
    if (stopped) {
      await current.kill();
      throw new Error("The agent was stopped while it started.");
    }
    process = current;
    watch(current);
    return current;
  }

  async function end(quietly: boolean): Promise<void> {
    ended = { process, quietly };
    await process?.kill();
  }

  return {
    /** Starts the process alone: it needs no working tree for that. */
    start: async (): Promise<void> => {
      await start();
    },
    /** Opens the working tree in the started process. */
    open(tree: string): Promise<OpenCodeClient> {
      directory = tree;
      ready = process ? attach(process) : relaunch();
      return ready;
    },
    /** The client of the running process; waits while it is being started again. */
    ready: (): Promise<OpenCodeClient> => ready,
    /** Ends the process; {@link AgentDeps.onExit} follows and a new one starts. */
    kill: (): Promise<void> => end(false),
    /** The same in silence: the process did nothing wrong. Resolves when a new one is being started. */
    recycle: (): Promise<void> => end(true),
    /** What OpenCode's process holds in memory, in bytes; undefined where that is not known. */
    async residentBytes(): Promise<number | undefined> {
      return process?.pid === undefined ? undefined : readResidentBytes(process.pid);
    },
    async stop(): Promise<void> {
      stopped = true;
      closeStream();
      await process?.kill();
    },
  };
}

export type Agent = ReturnType<typeof createAgent>;
