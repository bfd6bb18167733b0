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

export interface SandboxUnderTestOptions {
  script: Script;
  /** False returns before the sandbox is up. */
  untilReady?: boolean;
  transport?: "unix" | "tcp";
  /** Changes to the spec that the hub welcomes with. */
  spec?: (spec: SandboxSpec) => SandboxSpec;
  hub?: Partial<FakeHubOptions>;
  supervisor?: Partial<SupervisorDeps>;
}

export const MODELS = {
  anthropic: { providerID: "anthropic", modelID: "claude-sonnet-4-6" },
  openai: { providerID: "openai", modelID: "gpt-5.6-sol" },
  demo: { providerID: "demo", modelID: "scripted" },
} as const;

type Deliver = Extract<HubFrame, { type: "prompt.deliver" }>;

/** The real supervisor with the real OpenCode, between a fake hub and a scripted model. */
export async function startSandboxUnderTest(options: SandboxUnderTestOptions) {
  const { script, transport = "unix" } = options;
  const fixture = await makeSandboxFixture();
  const spec = options.spec?.(fixture.spec) ?? fixture.spec;
  const model = await startScriptedModel(script);
  const listen = transport === "unix" ? { path: join(fixture.root, "hub.sock") } : { host: "127.0.0.1", port: 0 };
  const hub = await startFakeHub({ listen, token: "boot-token", spec, modelUrl: model.url, ...options.hub });
  const logged: string[] = [];
  const deps: SupervisorDeps = {
    hub: parseHubAddress(hub.url),
    boot: newId("boot"),
    token: "boot-token",
    paths: fixture.paths,
    opencode: pinnedOpenCode(),
    environment: process.env,
    log: (message) => void logged.push(message),
    onDone: () => undefined,
    ...options.supervisor,
  };
  const supervisor = await startSupervisor(deps);
  if (options.untilReady ?? true) await hub.untilReport("boot.ready");

  return {
    ...fixture,
    spec,
    model,
    hub,
    supervisor,
    deps,
    logged,
    deliver(text: string, order: Partial<Deliver> = {}): { promptId: PromptId; turnId: TurnId } {
      const ids = { promptId: newId("prompt"), turnId: newId("turn") };
      hub.send({ type: "prompt.deliver", ...ids, text, model: MODELS.anthropic, ...order });
      return ids;
    },
    /** The settled parts so far, in their order. */
    settled: (): SettledPart[] => hub.bodies().flatMap((body) => (body.kind === "part.settled" ? [body.part] : [])),
    /** Runs a shell command in the working tree, as the agent's neighbour. */
    run: (command: string) => runCommand("bash", ["-c", command], { cwd: fixture.tree }),
    ended: ({ turnId }: { turnId: TurnId }) => hub.untilReport("turn.ended", (body) => body.turnId === turnId),
    async close(): Promise<void> {
      await supervisor.shutdown("The test is over.");
      await hub.close();
      await model.close();
      fixture.remove();
    },
  };
}

export type SandboxUnderTest = Awaited<ReturnType<typeof startSandboxUnderTest>>;
