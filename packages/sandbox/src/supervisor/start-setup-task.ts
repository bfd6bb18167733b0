import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SUPERVISOR_ENV } from "@background-agents/shared/protocol/supervisor-frames";
import { SETUP_FILES } from "@background-agents/shared/sessions/setup";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import { agentEnvironment, commandEnvironment } from "../opencode/opencode-environment.ts";
import { cloneWorkspace } from "../workspace/clone-workspace.ts";
import { createGit } from "../workspace/git-process.ts";
import { bringFiles } from "./bring-files.ts";
import { startEgressRelay } from "./egress-relay-link.ts";
import { createGivenSecrets } from "./given-secrets.ts";
import { formatHubAddress, GIT_CREDENTIALS_ENV } from "./hub-address.ts";
import { createReceiver } from "./receive-checkpoint.ts";
import { createSetup, type Setup } from "./setup.ts";
import type { RuntimeDeps } from "./start-runtime.ts";

export interface SetupTask {
  /** Resolves when the script has ended and all is told; with why, where there was no tree to run it in. */
  booted: Promise<{ failed: BootPhase; message: string } | { over: true }>;
  setup: Setup;
  /** No agent is here. */
  agentPid(): undefined;
  stop(): Promise<void>;
}

type SetupTaskDeps = Pick<
  RuntimeDeps,
  "spec" | "address" | "token" | "paths" | "environment" | "hub" | "report" | "logBoot" | "log" | "nowMs"
>;

/**
 * Makes the working tree and runs the setup script in it, with secrets that the agent must not get: no agent is started
 * here, the tree of a new workspace stands at the base, which no agent wrote, and so does the script.
 */
export function startSetupTask(deps: SetupTaskDeps): SetupTask {
  const { spec, address, token, paths, environment, hub, report, logBoot, log } = deps;
  const tree = join(paths.workspace, spec.directory);
  const relays: { close: () => void }[] = [];
  const fetchSecrets = createGivenSecrets({ hub, isAsked: spec.hasSecrets ?? false, report, to: "The setup script" });

  async function makeEnvironment(): Promise<Record<string, string>> {
    const env = agentEnvironment({
      ...{ state: paths.state, config: {}, password: "", egressRelayPort: spec.egressRelayPort },
      gitAccess: {
        [SUPERVISOR_ENV.hub]: formatHubAddress(address),
        [GIT_CREDENTIALS_ENV]: spec.gitCredentials ?? "broker",
      },
      inherited: { ...environment, ...(await fetchSecrets()) },
    });
    const own = join(paths.state, "home/.local/bin");
    const path = (env["PATH"] ?? "").split(":").filter((directory) => directory !== own);
    // An agent can have put programs there: they come last, after the system's own of the same name.
    return commandEnvironment({ ...env, PATH: [...path, own].join(":") });
  }

  const setup = createSetup({
    ...{
      setup: spec.setup && { ...spec.setup, elsewhere: false },
      tree,
      state: paths.state,
      report,
      log,
      makeEnvironment,
    },
    scripts: mkdtempSync(join(tmpdir(), "setup-")),
    readFile: async () => {
      const args = ["cat-file", "blob", `${spec.baseCommit}:${SETUP_FILES.setup}`];
      const { exitCode, stdout } = await createGit(paths.mirror)(args, { allowExit: [128] });
      return exitCode === 0 ? stdout : undefined;
    },
    logSetup: (text) => logBoot("setup", text),
    nowMs: deps.nowMs,
  });

  async function run(): SetupTask["booted"] {
    report({ kind: "boot.phase", phase: "clone" });
    try {
      relays.push(await startEgressRelay({ address, token, port: spec.egressRelayPort }));
      const receiver = createReceiver({ hub, inbox: join(paths.state, "inbox") });
      const { baseCommit, branch, identity, directory } = spec;
      await cloneWorkspace({
        ...{ mirror: paths.mirror, workspace: paths.workspace, directory, baseCommit, branch, identity },
        generation: spec.restore ? 0 : (spec.restored?.generation ?? 0),
        isPostponed: spec.restore !== undefined,
        onCheckedOut: (cloned) => bringFiles({ ...cloned, spec, receiver, log: logBoot }),
        onLog: (text) => logBoot("clone", text),
      });
    } catch (error) {
      return { failed: "clone", message: error instanceof Error ? error.message : String(error) };
    }
    report({ kind: "boot.phase", phase: "setup" });
    await setup.runAlone();
    return { over: true };
  }

  return {
    booted: run(),
    setup,
    agentPid: () => undefined,
    async stop() {
      await setup.close();
      for (const relay of relays) relay.close();
    },
  };
}
