import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { newId, type PromptId, type TurnId } from "@background-agents/shared/ids";
import type { HubFrame, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { SettledPart } from "@background-agents/shared/sessions/part";
import { runCommand } from "../lib/command-process.ts";
import { parseHubAddress } from "../supervisor/hub-address.ts";
import { startSupervisor, type SupervisorDeps } from "../supervisor/supervisor.ts";
import { type FakeHubOptions, startFakeHub } from "./fake-hub.ts";
import { makeSandboxFixture, pinnedOpenCode } from "./sandbox-fixture.ts";
import type { Script } from "./script-step.ts";
import { startScriptedModel } from "./scripted-model.ts";
import { findOpenCode, killOpenCode, spawnSupervisor } from "./supervisor-process.ts";

export interface SandboxUnderTestOptions {
  script: Script;
  transport?: "unix" | "tcp";
  /** Changes to the spec that the hub welcomes with. */
  spec?: (spec: SandboxSpec) => SandboxSpec;
  hub?: Partial<FakeHubOptions>;
  supervisor?: Partial<SupervisorDeps>;
  /** Makes the state's volume a file system of its own, of this size (as `mount` writes it). Takes root. */
  stateSize?: string;
  /** Runs the supervisor as a process that can be killed. */
  asProcess?: boolean;
}

export const MODELS = {
  anthropic: { providerID: "anthropic", modelID: "claude-sonnet-4-6" },
  openai: { providerID: "openai", modelID: "gpt-5.6-sol" },
  demo: { providerID: "demo", modelID: "scripted" },
} as const;

type Deliver = Extract<HubFrame, { type: "prompt.deliver" }>;

/** The real supervisor with the real OpenCode, between a fake hub and a scripted model; answers when it is ready. */
export async function startSandboxUnderTest(options: SandboxUnderTestOptions) {
  const { script, transport = "unix" } = options;
  const fixture = await makeSandboxFixture();
  // A test that fails half-way, or a run that is ended, leaves no agent behind.
  const onExit = () => killOpenCode(fixture.paths.state);
  process.once("exit", onExit);
  const { state } = fixture.paths;
  if (options.stateSize) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${options.stateSize}`, "tmpfs", state]);
  const spec = options.spec?.(fixture.spec) ?? fixture.spec;
  const model = await startScriptedModel(script);
  const listen = transport === "unix" ? { path: join(fixture.root, "hub.sock") } : { host: "127.0.0.1", port: 0 };
  const hub = await startFakeHub({ listen, token: "boot-token", spec, modelUrl: model.url, ...options.hub });
  const order = {
    hub: hub.url,
    boot: newId("boot"),
    token: "boot-token",
    paths: fixture.paths,
    opencode: pinnedOpenCode(),
  };

  /** Answers how to end it: in good order, or at once. */
  async function start(
    changes: Partial<SupervisorDeps>,
  ): Promise<{ shutdown: () => Promise<void>; kill: () => Promise<void> }> {
    const kill = async () => killOpenCode(fixture.paths.state);
    if (options.asProcess) {
      const child = spawnSupervisor(order);
      const end = () => child.kill().then(kill);
      return { shutdown: end, kill: end };
    }
    const supervisor = await startSupervisor({
      ...order,
      hub: parseHubAddress(hub.url),
      environment: process.env,
      log: () => undefined,
      onDone: () => undefined,
      ...options.supervisor,
      ...changes,
    });
    return { shutdown: () => supervisor.shutdown("The test ends it."), kill };
  }

  const untilReady = (times: number) => hub.until(() => (hub.readyCount() >= times ? true : undefined));
  let starts = 1;
  let running = await start({});
  await untilReady(starts);

  return {
    ...fixture,
    spec,
    model,
    hub,
    deliver(text: string, changes: Partial<Deliver> = {}): { promptId: PromptId; turnId: TurnId } {
      const ids = { promptId: changes.promptId ?? newId("prompt"), turnId: changes.turnId ?? newId("turn") };
      hub.send({ type: "prompt.deliver", text, model: MODELS.anthropic, ...changes, ...ids });
      return ids;
    },
    /** The settled parts so far, in their order. */
    settled: (): SettledPart[] => hub.bodies().flatMap((body) => (body.kind === "part.settled" ? [body.part] : [])),
    /** Runs a shell command in the working tree, as the agent's neighbour. */
    run: (command: string) => runCommand("bash", ["-c", command], { cwd: fixture.tree }),
    ended: ({ turnId }: { turnId: TurnId }) => hub.untilReport("turn.ended", (body) => body.turnId === turnId),
    openCodePids: () => findOpenCode(fixture.paths.state),
    /**
     * Ends the supervisor in good order and starts another one on the same state: a new container, a new boot. What
     * happens to the volumes meanwhile is up to `between`.
     */
    async restart(between: () => void = () => undefined): Promise<void> {
      await running.shutdown();
      between();
      running = await start({ boot: newId("boot") });
      await untilReady((starts += 1));
    },
    /** Kills the supervisor and the agent, and starts the supervisor again in the same boot. */
    async killAndRestart(): Promise<void> {
      await running.kill();
      running = await start({});
      await untilReady((starts += 1));
    },
    async close(): Promise<void> {
      await running.shutdown();
      killOpenCode(fixture.paths.state);
      process.off("exit", onExit);
      await hub.close();
      await model.close();
      if (options.stateSize) execFileSync("umount", ["--lazy", state]);
      fixture.remove();
    },
  };
}

export type SandboxUnderTest = Awaited<ReturnType<typeof startSandboxUnderTest>>;
