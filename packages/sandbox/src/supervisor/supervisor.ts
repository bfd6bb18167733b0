import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BootId } from "@background-agents/shared/ids";
import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { textTail } from "../lib/text-tail.ts";
import { createAgent, type Agent } from "../opencode/agent.ts";
import { agentEnvironment } from "../opencode/opencode-environment.ts";
import { startOpenCodeProcess } from "../opencode/opencode-process.ts";
import { openBlobOutbox } from "./blob-outbox.ts";
import { bootSandbox } from "./boot-sandbox.ts";
import { startEgressRelay } from "./egress-relay-link.ts";
import type { HubAddress } from "./hub-address.ts";
import { createHubClient } from "./hub-client.ts";
import { startModelRelay } from "./model-relay-link.ts";
import { openPromptStore } from "./prompt-store.ts";
import { createTurnSaver } from "./save-turn.ts";
import { type HubOrder, type ServerLink, startServerLink } from "./server-link.ts";
import { openSpool } from "./spool-store.ts";
import { createTurnRunner, type TurnRunner } from "./turn-runner.ts";

const LOG_TAIL = 16_000;
const READY_TIMEOUT_MS = 60_000;
const LAST_WORDS_MS = 10_000;

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
  abortMs?: number;
}

/** The process in the container that makes the working tree, runs the agent and answers to the server. */
export async function startSupervisor(deps: SupervisorDeps) {
  const { hub: address, boot, token, paths, opencode, environment, log, onDone, awayLimitMs = 30 * 60_000 } = deps;
  const startedAt = Date.now();
  await mkdir(join(paths.state, "home"), { recursive: true });
  let connection: ServerLink | undefined;
  const prompts = await openPromptStore(paths.state);
  const spool = await openSpool({
    directory: join(paths.state, "spool"),
    boot,
    onDurable: (reports) => connection?.sendReports(reports),
    onError: (error) => log(`The spool cannot be written: ${String(error)}`),
  });
  const report = (body: ReportBody) => void spool.append(body);
  let logTail = "";
  const logPhase = (phase: BootPhase, text: string) => {
    logTail = textTail(logTail + text, LOG_TAIL);
    link.sendTransient({ type: "log", phase, text: text.slice(0, 65_536) });
  };

  let spec: SandboxSpec | undefined;
  let agent: Agent | undefined;
  let runner: TurnRunner | undefined;
  let ending: Promise<void> | undefined;
  const early: HubOrder[] = [];
  const relays: { close: () => void }[] = [];

  const link = startServerLink({
    address,
    token,
    boot,
    openPromptId: () => prompts.open()?.promptId,
    unackedReports: spool.unacked,
    openFrames: () => runner?.openFrames() ?? [],
    onWelcome: (welcomed) => {
      if (spec) return;
      spec = welcomed;
      void start(welcomed);
    },
    onAck: (upTo) => void spool.ack(upTo),
    onOrder: (order) => {
      if (order.type === "shutdown") return void shutdown("The server asked for the end.");
      return runner ? obey(runner, order) : void early.push(order);
    },
    onLog: log,
    onAway: () => void shutdown("No server was there for too long."),
    awayLimitMs,
  });
  connection = link;
  const hub = createHubClient({ address, token, connected: link.connected });

  function obey(current: TurnRunner, order: HubOrder): void {
    if (order.type === "prompt.deliver") void current.deliver(order);
    if (order.type === "turn.stop") void current.stop(order.turnId);
  }

  async function start(current: SandboxSpec): Promise<void> {
    try {
      await bootWith(current);
    } catch (error) {
      await fail("connect", String(error));
    }
  }

  async function bootWith(current: SandboxSpec): Promise<void> {
    const password = randomBytes(24).toString("hex");
    const relayDeps = { address, token };
    relays.push(
      ...(await Promise.all([
        startModelRelay({ ...relayDeps, port: current.llmRelayPort, connected: link.connected }),
        startEgressRelay({ ...relayDeps, port: current.egressRelayPort }),
      ])),
    );
    let session = prompts.session();
    const env = agentEnvironment({
      state: paths.state,
      config: current.opencodeConfig,
      password,
      egressRelayPort: current.egressRelayPort,
      inherited: environment,
    });
    let booted = false;
    const running = createAgent({
      launch: () =>
        startOpenCodeProcess({
          binary: opencode.binary,
          cwd: paths.workspace,
          env,
          readyTimeoutMs: READY_TIMEOUT_MS,
          onLog: (text) => (booted ? log(text.trimEnd()) : logPhase("agent", text)),
        }),
      password,
      onEvent: (event) => runner?.accept(event),
      onGap: () => runner?.onGap(),
      onExit: ({ reason, tail }) => {
        log(`OpenCode ended (${reason}).\n${tail}`);
        runner?.onCrash(
          `The agent's process ended (${reason}). It was started again: send the prompt once more, or go on.`,
        );
      },
      onLog: (text) => log(text.trimEnd()),
    });
    agent = running;
    const openSession = async () => {
      const client = await running.ready();
      if (session !== undefined && (await client.hasSession(session))) return;
      session = await client.createSession(current.title);
      await prompts.recordSession(session);
    };
    const booting = await bootSandbox({
      spec: current,
      mirror: paths.mirror,
      workspace: paths.workspace,
      agent: running,
      openSession,
      report,
      log: logPhase,
    });
    if ("failed" in booting) return fail(booting.failed, booting.message);
    booted = true;
    const sessionId = () =>
      session === undefined ? Promise.reject(new Error("no session")) : Promise.resolve(session);
    const blobs = await openBlobOutbox({
      directory: join(paths.state, "blobs"),
      hub,
      onError: (error) => log(`A long output was not stored: ${String(error)}`),
    });
    runner = createTurnRunner({
      spec: current,
      agent: running,
      session: sessionId,
      prompts,
      save: createTurnSaver({
        spec: current,
        ...booting.cloned,
        hub,
        outbox: join(paths.state, "outbox"),
        exportConversation: async () => (await running.ready()).exportConversation(await sessionId()),
        onNotice: (notice) => report({ kind: "notice", ...notice }),
      }),
      report,
      send: link.sendTransient,
      blobs,
      ...(deps.abortMs === undefined ? {} : { abortMs: deps.abortMs }),
    });
    report({ kind: "boot.ready", opencodeVersion: opencode.version, bootMs: Date.now() - startedAt });
    runner.resume();
    for (const order of early.splice(0)) obey(runner, order);
    return undefined;
  }

  async function fail(phase: BootPhase, message: string): Promise<void> {
    log(`The boot failed in phase ${phase}: ${message}`);
    report({ kind: "boot.failed", phase, message: message.slice(0, 4000), logTail });
    await lastWords();
    await end(1);
  }

  /** Waits for the server to store what there is to tell; what it does not take stays in the spool. */
  async function lastWords(): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref());
    await Promise.race([spool.drained(), patience]);
  }

  async function end(exitCode: number): Promise<void> {
    await agent?.stop();
    for (const relay of relays) relay.close();
    link.close();
    await spool.close();
    onDone(exitCode);
  }

  /** Ends the turn, saves it, tells it, ends the agent. Asked twice, it happens once. */
  function shutdown(reason: string): Promise<void> {
    ending ??= (async () => {
      log(reason);
      const open = runner?.openTurnId();
      if (open) await runner?.stop(open);
      await runner?.settled();
      await lastWords();
      await end(0);
    })();
    return ending;
  }

  return { shutdown };
}
