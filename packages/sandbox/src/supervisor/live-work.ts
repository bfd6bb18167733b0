import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { TurnId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Git } from "../workspace/git-process.ts";
import { createLiveSnapshots, type LiveSnapshots } from "../workspace/live-snapshots.ts";
import type { HubClient } from "./hub-client.ts";

export interface LiveWorkDeps {
  spec: SandboxSpec;
  tree: string;
  git: Git;
  hub: Pick<HubClient, "offer">;
  /** A directory for scratch repositories; emptied first. */
  scratch: string;
  /** How long after a tool's end the tree is looked at: several tools are one look. */
  delayMs: number;
  log: (message: string) => void;
}

/** Tools that change no file. */
const READING = new Set(["read", "grep", "glob", "list", "lsp", "webfetch", "websearch", "todowrite", "todoread"]);
/** While a tool runs the tree is looked at this many delays after the last look, and never more than a tenth of the time. */
const DELAYS_WHILE_RUNNING = 3;
const PAUSE_PER_LOOK = 10;
/** A look at the tree is for the eye: large files can wait for the end of the turn. */
const SHOWN_BYTES = 64 * 2 ** 20;

/**
 * Shows the user the working tree while a turn runs, after tools that may have changed it and now and then while one of
 * them runs for long. One look at a time, none that anything waits for: what fails is tried again with the next.
 */
export function createLiveWork(deps: LiveWorkDeps) {
  const { spec, tree, git, hub, log } = deps;
  let current: { turnId: TurnId; snapshots: LiveSnapshots; over: AbortController } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isAskedFor = false;
  /** A tool runs that may change files. */
  let isRunning = false;
  let whileRunning: NodeJS.Timeout | undefined;
  let lastLookMs = 0;
  let looking: Promise<void> = rm(deps.scratch, { recursive: true, force: true });

  async function look({ turnId, snapshots, over }: NonNullable<typeof current>): Promise<void> {
    if (over.signal.aborted) return;
    const begunAt = performance.now();
    try {
      const snapshot = await snapshots.take();
      if (!snapshot || over.signal.aborted) return;
      const { commit, bundle } = snapshot;
      snapshots.tell(await hub.offer(`/live/${turnId}?commit=${commit}`, { file: bundle }, over.signal));
    } catch (error) {
      // The agent may have been writing a file while git read it.
      log(`The working tree was not shown: ${String(error)}`);
    } finally {
      lastLookMs = performance.now() - begunAt;
    }
  }

  function schedule(): void {
    if (timer !== undefined || !current) return;
    const turn = current;
    timer = setTimeout(() => {
      isAskedFor = false;
      looking = looking
        .then(() => look(turn))
        .finally(() => {
          if (current !== turn) return;
          timer = undefined;
          if (isAskedFor) schedule();
        });
    }, deps.delayMs);
    timer.unref();
  }

  function lookWhileRunning(): void {
    if (whileRunning !== undefined || !isRunning || !current) return;
    const pauseMs = Math.max(DELAYS_WHILE_RUNNING * deps.delayMs, PAUSE_PER_LOOK * lastLookMs);
    whileRunning = setTimeout(() => {
      whileRunning = undefined;
      isAskedFor = true;
      schedule();
      lookWhileRunning();
    }, pauseMs);
    whileRunning.unref();
  }

  function stopLookingWhileRunning(): void {
    isRunning = false;
    clearTimeout(whileRunning);
    whileRunning = undefined;
  }

  return {
    begin(turnId: TurnId): void {
      const snapshots = createLiveSnapshots({
        ...{ tree, git, base: spec.baseCommit, identity: spec.identity },
        scratch: join(deps.scratch, turnId),
        limitBytes: Math.min(spec.limits.checkpointBytes, SHOWN_BYTES),
      });
      current = { turnId, snapshots, over: new AbortController() };
    },

    /** These are the tools of the running turn that run now, by name. */
    onRunning(names: readonly string[]): void {
      isRunning = names.some((name) => !READING.has(name));
      if (isRunning) lookWhileRunning();
      else stopLookingWhileRunning();
    },

    /** A tool of the running turn ended. */
    onToolEnded(name: string): void {
      if (READING.has(name)) return;
      isAskedFor = true;
      schedule();
    },

    /** The turn is about to be saved: what is under way is broken off, and nothing waits for it. */
    end(): void {
      if (!current) return;
      current.over.abort();
      const { turnId } = current;
      current = undefined;
      clearTimeout(timer);
      timer = undefined;
      isAskedFor = false;
      stopLookingWhileRunning();
      looking = looking.then(() => rm(join(deps.scratch, turnId), { recursive: true, force: true }));
      looking.catch((error: unknown) => log(`Scratch of a turn was left behind: ${String(error)}`));
    },
  };
}

export type LiveWork = ReturnType<typeof createLiveWork>;
