import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { SETUP_FILES, type SetupOutcome } from "@background-agents/shared/sessions/setup";
import { z } from "zod";
import { type RunningScript, type ScriptEnd, type ScriptOrder, startScript } from "../lib/script-process.ts";
import { readStateFile, writeStateFile } from "../lib/state-file-store.ts";
import { markedTail, textTail } from "../lib/text-tail.ts";

const LOG_TAIL = 16_000;
const NOTICE_TAIL = 1_000;
/** A sandbox that ends has little time. */
const GRACE_MS = 3_000;
const Marker = z.object({ outcome: z.string() });

export type Setup = ReturnType<typeof createSetup>;

export interface SetupDeps {
  setup: SandboxSpec["setup"];
  tree: string;
  state: string;
  /** What the scripts run with: the same as the agent's commands. */
  makeEnvironment: () => Promise<Record<string, string>>;
  report: (body: ReportBody) => void;
  /** Takes what the setup script prints, for the user. */
  logSetup: (text: string) => void;
  /** Takes what the start script prints. */
  log: (text: string) => void;
  nowMs: () => number;
  /** Where a script of the settings is written; without it, in the state. */
  scripts?: string;
  /** Reads the repository's own setup script where the tree is not to be trusted with it. */
  readFile?: () => Promise<string | undefined>;
}

/**
 * The repository's own scripts: `setup` once in a new workspace and again when asked, `start` beside the agent at each
 * start of the sandbox. Neither keeps the agent from working: how they end is told, and that is all.
 */
export function createSetup(deps: SetupDeps) {
  const { setup, tree, state, report } = deps;
  const marker = join(state, "setup.json");
  /** From before its start is told: it can be stopped from then on. */
  let running: { script?: RunningScript; byUser: boolean } | undefined;
  /** Each that was started: what one left running is there after it ended. */
  const started: RunningScript[] = [];
  let closed = false;
  let unwanted = false;

  async function write(which: "setup" | "start", text: string): Promise<string> {
    const directory = deps.scripts ?? join(state, "scripts");
    const file = join(directory, `${which}.sh`);
    await mkdir(directory, { recursive: true });
    await writeFile(file, text, { mode: 0o700 });
    await chmod(file, 0o700);
    return file;
  }

  /** The script of the settings, else the repository's own; undefined where there is none. */
  async function find(which: "setup" | "start"): Promise<{ file: string; source: "file" | "settings" } | undefined> {
    const given = which === "setup" ? setup?.script : setup?.start;
    if (given !== null && given !== undefined) return { file: await write(which, given), source: "settings" };
    if (which === "setup" && deps.readFile) {
      const text = await deps.readFile();
      return text === undefined ? undefined : { file: await write(which, text), source: "file" };
    }
    const file = join(tree, SETUP_FILES[which]);
    return setup && existsSync(file) ? { file, source: "file" } : undefined;
  }

  function launch(order: Pick<ScriptOrder, "file" | "env" | "onOutput" | "silenceMs">): RunningScript {
    const script = startScript({ ...order, cwd: tree, graceMs: GRACE_MS });
    started.push(script);
    return script;
  }

  /** False where there is no script. Once its start was told, its end is told as well, whatever becomes of it. */
  async function run(again: boolean): Promise<boolean> {
    const found = await find("setup");
    if (!found || !setup || closed) return found !== undefined;
    const entry: NonNullable<typeof running> = { byUser: false };
    running = entry;
    report({ kind: "setup.started", source: found.source, ...(again && { again }) });
    const startedAt = deps.nowMs();
    let logTail = "";
    const onOutput = (text: string): void => {
      logTail = textTail(logTail + text, LOG_TAIL);
      deps.logSetup(text);
    };
    let outcome: SetupOutcome = "failed";
    let exitCode: number | null = null;
    try {
      const env = await deps.makeEnvironment();
      if (closed || unwanted || entry.byUser) outcome = "stopped";
      else {
        entry.script = launch({ file: found.file, env, onOutput, silenceMs: setup.timeoutMs });
        const end = await entry.script.ended;
        ({ exitCode } = end);
        outcome = outcomeOf(end);
      }
      // One that the sandbox's end cut off runs anew in the next one.
      if (outcome !== "stopped" || entry.byUser) await mark(outcome);
    } catch (error) {
      onOutput(`${couldNotRun(error)}\n`);
    }
    running = undefined;
    const durationMs = Math.max(0, deps.nowMs() - startedAt);
    report({ kind: "setup.ended", outcome, exitCode, durationMs, logTail });
    return true;
  }

  /** Keeps that it ran. Never rejects: without that it only runs once more. */
  async function mark(outcome: SetupOutcome): Promise<void> {
    try {
      await writeStateFile(marker, { outcome });
    } catch (error) {
      const what =
        "That the setup script has run could not be written down, so it runs again at the sandbox's next start";
      notice("setup.not-kept", `${what}: ${String(error)}`);
    }
  }

  return {
    /** Runs the setup script where this workspace has not had it yet. Never rejects. */
    async prepare({ isNew }: { isNew: boolean }): Promise<void> {
      try {
        const isDone = !isNew && (await readStateFile(marker, Marker)) !== undefined;
        if (setup?.elsewhere) {
          const message =
            "The setup script has not run in this workspace. It has secrets that the agent must not get, so it does not run by itself where an agent has been: run it again in the sandbox panel, if you trust what is there.";
          if (!(await readStateFile(marker, Marker))) notice("setup.missing", message);
          return;
        }
        if (!isDone) await run(false);
      } catch (error) {
        notice("setup.failed", couldNotRun(error));
      }
    },

    /** Runs it again, whatever came of it before. */
    async runAgain(): Promise<void> {
      if (await run(true)) return;
      notice("setup.none", `There is no setup script: write one in the settings, or as ${SETUP_FILES.setup}.`);
    },

    /** Runs it in a container that is there for nothing else; how that ended is always told. Never rejects. */
    async runAlone(): Promise<void> {
      const end = { kind: "setup.ended", exitCode: null, durationMs: 0 } as const;
      try {
        if (unwanted || closed) return report({ ...end, outcome: "stopped", logTail: "" });
        if (await run(false)) return;
        const logTail = `There is no setup script: write one in the settings, or as ${SETUP_FILES.setup} in the base branch.`;
        report({ ...end, outcome: "failed", logTail });
      } catch (error) {
        report({ ...end, outcome: "failed", logTail: couldNotRun(error) });
      }
    },

    /** The user does not want to wait for it any longer. */
    stopRun(): void {
      if (!running) {
        unwanted = deps.readFile !== undefined;
        return;
      }
      running.byUser = true;
      void running.script?.stop();
    },

    /** Starts what the repository wants to have running beside the agent. Never rejects. */
    async startBeside(): Promise<void> {
      try {
        const found = await find("start");
        if (!found) return;
        const env = await deps.makeEnvironment();
        if (closed) return;
        let tail = "";
        let length = 0;
        const onOutput = (text: string): void => {
          tail = textTail(tail + text, NOTICE_TAIL);
          length += text.length;
          deps.log(text.trimEnd());
        };
        const beside = launch({ file: found.file, env, onOutput });
        void beside.ended.then(({ exitCode, why }) => {
          if (why !== "exited") return;
          const how = exitCode === null ? "was ended by a signal" : `ended with exit code ${exitCode}`;
          const level = exitCode === 0 ? "info" : "warning";
          report({
            kind: "notice",
            level,
            code: "start.ended",
            message: `The start script ${how}.\n${markedTail(tail, NOTICE_TAIL, length)}`.trimEnd(),
          });
        });
      } catch (error) {
        notice("start.failed", `The start script could not be run: ${String(error)}`);
      }
    },

    /** Ends both, with all that they started or left running. */
    async close(): Promise<void> {
      closed = true;
      await Promise.all(started.map((script) => script.stop()));
    },
  };

  function notice(code: string, message: string): void {
    report({ kind: "notice", level: "warning", code, message });
  }
}

const couldNotRun = (error: unknown): string => `The setup script could not be run: ${String(error)}`;

function outcomeOf({ exitCode, why }: ScriptEnd): SetupOutcome {
  if (why === "silent") return "timed-out";
  if (why === "stopped") return "stopped";
  return exitCode === 0 ? "ok" : "failed";
}
