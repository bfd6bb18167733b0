import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BootId } from "@background-agents/shared/ids";
import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { textTail } from "../lib/text-tail.ts";
import { fitReport } from "./fit-report.ts";
import type { HubAddress } from "./hub-address.ts";
import { createHubClient } from "./hub-client.ts";
import { startPortsWatch } from "./ports-watch.ts";
import { joinPreview } from "./preview-link.ts";
import { openPromptStore } from "./prompt-store.ts";
import { type HubOrder, startServerLink } from "./server-link.ts";
import { openSpool } from "./spool-store.ts";
import { startSetupTask } from "./start-setup-task.ts";
import { type Runtime, startRuntime } from "./start-runtime.ts";
import type { TurnRunner } from "./turn-runner.ts";

const LOG_TAIL = 16_000;
/** A container has 20 s from SIGTERM to its end: the agent's, the upload's and the last reports' share of it. */
const SHUTDOWN_ABORT_MS = 4_000;
const SHUTDOWN_UPLOAD_MS = 12_000;
const LAST_WORDS_MS = 4_000;
const LIVE_DELAY_MS = 1_500;
const AGENT_MEMORY_LIMIT_BYTES = 1.5 * 2 ** 30;

export interface SupervisorDeps {
  hub: HubAddress;
  boot: BootId;
  token: string;
  paths: { workspace: string; state: string; mirror: string };
  opencode: { binary: string; version: string };
  environment: Readonly<Record<string, string | undefined>>;
  log: (message: string) => void;
  /** Called once, when everything is saved and told: the process should end with this code. */
  onDone: (exitCode: number) => void;
  /** Without a server for this long the work is put down and the sandbox ends. */
  awayLimitMs?: number;
  /** How long the agent has to obey a stop before its process is ended. */
  abortMs?: number;
  /** How long after a tool's end the working tree is shown. */
  liveDelayMs?: number;
  /** An agent that holds more memory than this is started anew between turns. */
  agentMemoryLimitBytes?: number;
  /** Directory of the sandbox's control group. */
  cgroup?: string;
  nowMs?: () => number;
}

/** The process in the container that makes the working tree, runs the agent and answers to the server. */
export async function startSupervisor(deps: SupervisorDeps) {
  const { hub: address, boot, token, paths, opencode, log, onDone, nowMs = Date.now } = deps;
  const startedAt = Date.now();
  await mkdir(join(paths.state, "home"), { recursive: true });
  const prompts = await openPromptStore(paths.state);
  let spoolTrouble = false;
  /** Told once: the notice goes the same way, and it is sent although it cannot be written. */
  const onSpoolError = (error: unknown): void => {
    log(`The spool cannot be written: ${String(error)}`);
    if (spoolTrouble) return;
    spoolTrouble = true;
    const message = `The sandbox cannot write to its disk: ${String(error)}. Make room there: until then a crash of the sandbox may lose what is under way.`;
    report({ kind: "notice", level: "error", code: "sandbox.disk", message });
  };
  const spool = await openSpool({
    directory: join(paths.state, "spool"),
    boot,
    onError: onSpoolError,
  });
  const report = (body: ReportBody) => void spool.append(fitReport(body));

  let runtime: Runtime | undefined;
  let runner: TurnRunner | undefined;
  let ending: Promise<void> | undefined;
  let logTail = "";
  const early: HubOrder[] = [];

  const link = startServerLink({
    address,
    token,
    boot,
    openPromptId: () => prompts.open()?.promptId,
    unackedReports: spool.unacked,
    openFrames: () => [...(runner?.openFrames() ?? []), portsWatch.frame()],
    onWelcome: (spec) => {
      if (!runtime && !ending) void start(spec);
      runner?.askAgain();
    },
    onAck: (upTo) => spool.ack(upTo),
    onOrder: (order) => {
      if (order.type === "preview.connect") void joinPreview(order, { address, token, isOwnPort });
      else if (order.type === "shutdown") void shutdown("The server asked for the end.");
      else if (order.type === "setup.stop") runtime?.setup.stopRun();
      else if (runner) obey(runner, order);
      else early.push(order);
    },
    onLog: log,
    onAway: () => {
      hub.giveUp();
      void shutdown("No server was there for too long.");
    },
    awayLimitMs: deps.awayLimitMs ?? 30 * 60_000,
  });
  spool.listen((reports) => link.sendReports(reports));
  const hub = createHubClient({ address, token, connected: () => link.connected() });

  let relayPorts: number[] = [];
  const isOwnPort = (port: number) => relayPorts.includes(port);
  const portsWatch = startPortsWatch({
    isConnected: () => link.isConnected(),
    ownPids: () => [process.pid, runtime?.agentPid()],
    send: (frame) => link.sendTransient(frame),
  });

  function logBoot(phase: BootPhase, text: string): void {
    logTail = textTail(logTail + text, LOG_TAIL);
    link.sendTransient({ type: "log", phase, text: text.slice(0, 65_536) });
  }

  function obey(current: TurnRunner, order: HubOrder): void {
    if (order.type === "prompt.deliver") current.deliver(order);
    if (order.type === "work.restore") current.restore(order);
    if (order.type === "setup.run") current.between(async () => runtime?.setup.runAgain());
    if (order.type === "turn.stop") void current.stop(order.turnId);
    if (order.type === "prompt.steer") current.steer(order);
    if (order.type === "question.answer" || order.type === "permission.answer") current.answer(order);
  }

  async function start(spec: SandboxSpec): Promise<void> {
    relayPorts = [spec.llmRelayPort, spec.egressRelayPort];
    runtime = (spec.task === "setup" ? startSetupTask : startRuntime)({
      spec,
      address,
      token,
      paths,
      opencode,
      environment: deps.environment,
      hub,
      connected: () => link.connected(),
      prompts,
      report,
      send: (frame) => link.sendTransient(frame),
      logBoot,
      log,
      abortMs: deps.abortMs ?? 10_000,
      liveDelayMs: deps.liveDelayMs ?? LIVE_DELAY_MS,
      agentMemoryLimitBytes: deps.agentMemoryLimitBytes ?? AGENT_MEMORY_LIMIT_BYTES,
      cgroup: deps.cgroup ?? "/sys/fs/cgroup",
      nowMs,
    });
    const booted = await runtime.booted;
    if (ending) return;
    if ("failed" in booted) {
      await fail(booted.failed, booted.message);
      return;
    }
    if ("over" in booted) {
      // The container of the setup script ends with it, once the server has heard how it went.
      await spool.drained();
      await (ending ??= end(0));
      return;
    }
    runner = booted.runner;
    report({ kind: "boot.ready", opencodeVersion: opencode.version, bootMs: Date.now() - startedAt });
    runner.resume();
    for (const order of early.splice(0)) obey(runner, order);
  }

  function fail(phase: BootPhase, message: string): Promise<void> {
    log(`The boot failed in phase ${phase}: ${message}`);
    report({ kind: "boot.failed", phase, message: message.slice(0, 4000), logTail });
    return (ending ??= end(1));
  }

  async function end(exitCode: number): Promise<void> {
    // What the server does not take stays in the spool.
    await Promise.race([spool.drained(), new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref())]);
    portsWatch.stop();
    await runtime?.stop();
    link.close();
    await spool.close();
    onDone(exitCode);
  }

  async function putDown(): Promise<void> {
    const patience = setTimeout(() => hub.giveUp(), SHUTDOWN_UPLOAD_MS);
    const open = runner?.openTurnId();
    if (open) await runner?.stop(open, SHUTDOWN_ABORT_MS);
    await runner?.settled();
    clearTimeout(patience);
    await end(0);
  }

  /** Ends the turn, saves it, tells it, ends the agent. Asked twice, it happens once. */
  function shutdown(reason: string): Promise<void> {
    if (!ending) log(reason);
    return (ending ??= putDown());
  }

  return { shutdown };
}
