import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type ReportBody,
  type SandboxSpec,
  SUPERVISOR_ENV,
  type SupervisorFrame,
} from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { createOomWatch } from "../lib/oom-watch.ts";
import { ensureNothingToInstall } from "../opencode/agent-dependencies.ts";
import { createAgentConfiguration } from "../opencode/agent-configuration.ts";
import { createAgent } from "../opencode/agent.ts";
import { importConversation } from "../opencode/import-conversation.ts";
import { ensureJavaProxies } from "../opencode/java-proxies.ts";
import { agentEnvironment, commandEnvironment, ensureNoModels } from "../opencode/opencode-environment.ts";
import { startOpenCodeProcess } from "../opencode/opencode-process.ts";
import { ensureSandboxNotes } from "../opencode/sandbox-notes.ts";
import { createGit } from "../workspace/git-process.ts";
import { createWrittenFiles } from "../workspace/written-files.ts";
import { openBlobOutbox } from "./blob-outbox.ts";
import { bootSandbox } from "./boot-sandbox.ts";
import { bringFiles } from "./bring-files.ts";
import { startEgressRelay } from "./egress-relay-link.ts";
import { createGivenSecrets } from "./given-secrets.ts";
import { createGoBack } from "./go-back.ts";
import { formatHubAddress, GIT_CREDENTIALS_ENV, type HubAddress } from "./hub-address.ts";
import type { HubClient } from "./hub-client.ts";
import { createLiveWork } from "./live-work.ts";
import { startModelRelay } from "./model-relay-link.ts";
import type { PromptStore } from "./prompt-store.ts";
import { createReceiver } from "./receive-checkpoint.ts";
import { recycleAgent } from "./recycle-agent.ts";
import { createRestoreWork } from "./restore-work.ts";
import { createTurnSaver } from "./save-turn.ts";
import { createSetup, type Setup } from "./setup.ts";
import { createTurnRunner, type TurnRunner } from "./turn-runner.ts";

/** On a machine that has much else to do it takes long; that is no failure. */
const READY_TIMEOUT_MS = 180_000;

export interface RuntimeDeps {
  spec: SandboxSpec;
  address: HubAddress;
  token: string;
  paths: { workspace: string; state: string; mirror: string };
  opencode: { binary: string; version: string };
  environment: Readonly<Record<string, string | undefined>>;
  hub: HubClient;
  connected: () => Promise<void>;
  prompts: PromptStore;
  report: (body: ReportBody) => void;
  send: (frame: SupervisorFrame) => void;
  /** Lines of the boot, for the user. */
  logBoot: (phase: BootPhase, text: string) => void;
  log: (message: string) => void;
  abortMs: number;
  /** How long after a tool's end the working tree is shown. */
  liveDelayMs: number;
  /** An agent that holds more than this, in bytes, is started anew between turns. */
  agentMemoryLimitBytes: number;
  /** Directory of the sandbox's control group. */
  cgroup: string;
  nowMs: () => number;
}

export interface Runtime {
  /** What came of the boot. */
  booted: Promise<{ runner: TurnRunner } | { failed: BootPhase; message: string } | { over: true }>;
  setup: Setup;
  /** OpenCode's own process, the last that was started. */
  agentPid(): number | undefined;
  stop(): Promise<void>;
}

/** Starts what works in the sandbox: the relays, OpenCode, the working tree and the runner of prompts. */
export function startRuntime(deps: RuntimeDeps): Runtime {
  const { spec, address, token, paths, opencode, environment, hub, connected, prompts, report, send, log } = deps;
  const relays: { close: () => void }[] = [];
  const password = randomBytes(24).toString("hex");
  let runner: TurnRunner | undefined;
  let session: Promise<string> | undefined;
  let agentPid: number | undefined;
  const configuration = createAgentConfiguration(spec.opencodeConfig);
  ensureNoModels(paths.state);
  ensureSandboxNotes(paths.state);
  ensureNothingToInstall(paths.state);
  ensureJavaProxies(join(paths.state, "home"), spec.egressRelayPort);
  const fetchSecrets = createGivenSecrets({ hub, isAsked: spec.hasSecrets ?? false, report });
  const makeEnvironment = (secrets: Record<string, string> = {}) =>
    agentEnvironment({
      state: paths.state,
      config: configuration.current(),
      password,
      egressRelayPort: spec.egressRelayPort,
      gitAccess: {
        [SUPERVISOR_ENV.hub]: formatHubAddress(address),
        [GIT_CREDENTIALS_ENV]: spec.gitCredentials ?? "broker",
      },
      inherited: { ...environment, ...secrets },
    });

  const oom = createOomWatch(deps.cgroup);
  const agent = createAgent({
    launch: async () =>
      startOpenCodeProcess({
        binary: opencode.binary,
        cwd: paths.workspace,
        env: makeEnvironment(await fetchSecrets()),
        readyTimeoutMs: READY_TIMEOUT_MS,
        onSpawn: (pid) => (agentPid = pid),
        onLog: (text) => (runner ? log(text.trimEnd()) : deps.logBoot("agent", text)),
      }),
    password,
    onEvent: (event) => runner?.accept(event),
    onGap: () => runner?.onGap(),
    onExit: ({ reason: cause, tail, killed }) => {
      const outOfMemory = oom.hasKilled() && !killed && cause === "SIGKILL";
      const reason = outOfMemory ? "SIGKILL: the sandbox ran out of memory" : cause;
      log(`OpenCode ended (${reason}).\n${tail}`);
      runner?.onCrash(`The agent's process ended (${reason}) and was started again.`);
      const message = `The agent's process ended (${reason}) and is being started again; the conversation is kept.`;
      report({ kind: "notice", level: "warning", code: "agent.restarted", message });
    },
    onLog: (text) => log(text.trimEnd()),
  });

  const tree = join(paths.workspace, spec.directory);
  const setup = createSetup({
    ...{ setup: spec.setup, tree, state: paths.state, report, log, nowMs: deps.nowMs },
    makeEnvironment: async () => commandEnvironment(makeEnvironment(await fetchSecrets())),
    logSetup: (text) => deps.logBoot("setup", text),
  });
  const receiver = createReceiver({ hub, inbox: join(paths.state, "inbox") });
  const importFile = (file: string) =>
    importConversation({ binary: opencode.binary, tree, env: makeEnvironment(), file });
  const restore =
    spec.restore &&
    createRestoreWork({
      restore: spec.restore,
      receiver,
      importConversation: importFile,
      report,
      log: deps.logBoot,
    });
  const goBack = createGoBack({
    spec,
    tree,
    git: createGit(tree),
    agent,
    prompts,
    receiver,
    importConversation: importFile,
    onConversation: () => (session = undefined),
    report,
  });

  async function findOrMakeSession(): Promise<string> {
    const client = await agent.ready();
    const known = prompts.session();
    if (known !== undefined && (await client.hasSession(known))) return known;
    const made = (await restore?.bringConversation()) ?? (await client.createSession(spec.title));
    await prompts.recordSession(made, spec.restored?.generation ?? 0);
    return made;
  }

  /** OpenCode's session, looked for once: it outlives the process. */
  function sessionId(): Promise<string> {
    session ??= findOrMakeSession().catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  }

  async function boot(): Promise<{ runner: TurnRunner } | { failed: BootPhase; message: string }> {
    const relayDeps = { address, token };
    relays.push(await startModelRelay({ ...relayDeps, port: spec.llmRelayPort, connected }));
    relays.push(await startEgressRelay({ ...relayDeps, port: spec.egressRelayPort }));
    const booting = await bootSandbox({
      spec,
      mirror: paths.mirror,
      workspace: paths.workspace,
      agent,
      bringCommit: restore && ((git) => restore.bringCommit(git)),
      bringFiles: (cloned) => bringFiles({ ...cloned, spec, receiver, log: deps.logBoot }),
      setUp: async ({ resumed }) => {
        await setup.prepare({ isNew: !resumed });
        await setup.startBeside();
      },
      openSession: async () => {
        if (spec.restored) await goBack(spec.restored);
        await sessionId();
      },
      report,
      log: deps.logBoot,
    });
    if ("failed" in booting) return booting;
    restore?.tell();
    const { git } = booting.cloned;
    const save = createTurnSaver({
      spec,
      tree,
      git,
      hub,
      outbox: join(paths.state, "outbox"),
      exportConversation: async () => (await agent.ready()).exportConversation(await sessionId()),
      onNotice: (notice) => report({ kind: "notice", ...notice }),
    });
    const live = createLiveWork({
      ...{ spec, tree, git, hub, log },
      scratch: join(paths.state, "live"),
      delayMs: deps.liveDelayMs,
    });
    const blobs = await openBlobOutbox({
      directory: join(paths.state, "blobs"),
      hub,
      onError: (error) => log(`A long output was not stored: ${String(error)}`),
    });
    runner = createTurnRunner({
      agent,
      session: sessionId,
      prompts,
      save,
      goBack,
      live,
      onToolEnded: (name) => live.onToolEnded(name),
      report,
      send,
      blobs,
      files: createWrittenFiles({ tree, git }),
      tree,
      limits: spec.limits,
      abortMs: deps.abortMs,
      configure: (wanted) => configuration.use(wanted, () => agent.recycle()),
      betweenTurns: () => recycleAgent({ agent, limitBytes: deps.agentMemoryLimitBytes, report }),
      nowMs: deps.nowMs,
    });
    return { runner };
  }

  return {
    booted: boot().catch((error: unknown) => ({ failed: "connect" as const, message: String(error) })),
    setup,
    agentPid: () => agentPid,
    async stop() {
      await Promise.all([setup.close(), agent.stop()]);
      for (const relay of relays) relay.close();
    },
  };
}
