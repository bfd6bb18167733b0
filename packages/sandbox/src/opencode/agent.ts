import { createBackoff } from "../lib/backoff.ts";
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
  /** The process ended, by itself or by {@link Agent.kill}; it is being started again. */
  onExit: (exit: OpenCodeExit) => void;
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
      onExit(exit);
    });
  }

  async function start(): Promise<OpenCodeProcess> {
    const current = await launch();
    process = current;
    watch(current);
    return current;
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
    kill: async (): Promise<void> => process?.kill(),
    async stop(): Promise<void> {
      stopped = true;
      closeStream();
      await process?.kill();
    },
  };
}

export type Agent = ReturnType<typeof createAgent>;
