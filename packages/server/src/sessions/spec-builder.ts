import type { RepositoryId } from "@background-agents/shared/ids";
import type { SandboxSpec, SandboxTask } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import type { ModelService } from "../models/model-service.ts";
import type { SettingService } from "../settings/setting-service.ts";
import { describeRestore } from "./restore-content.ts";
import { buildSandboxSpec, RELAY_PORTS } from "./sandbox-spec.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";
import type { SetupPlan } from "./setup-plan.ts";

/** Gathers what a session's next sandbox needs to know, as it is now. */
export function createSpecBuilder(deps: {
  store: SessionStore;
  settings: Pick<SettingService, "get">;
  models: Pick<ModelService, "opencodeConfig">;
  repositories: { identity(path: string): Promise<SandboxSpec["identity"]> };
  /** The address of the user's remote, where the sandbox gets to know it. */
  findOrigin: (session: Session) => Promise<string | undefined>;
  setupPlan: Pick<SetupPlan, "findApart">;
}) {
  const { store, settings, models } = deps;

  /** Without `task`: what the container that the state tells of was made for. */
  return async (state: SessionState, task: SandboxTask = state.task ?? "agent"): Promise<SandboxSpec> => {
    const { session } = state;
    const elsewhere = task === "agent" && (await deps.setupPlan.findApart(session)) !== undefined;
    const { id: repositoryId, path } = session.repository;
    return buildSandboxSpec(state, {
      identity: await deps.repositories.identity(path),
      gitCredentials: settings.get("git.credentials"),
      originUrl: await deps.findOrigin(session),
      restore: describeRestore(store, state),
      setup: { ...describeSetup(settings, repositoryId), ...(elsewhere && { elsewhere }) },
      task,
      opencodeConfig: models.opencodeConfig({
        llmRelayPort: RELAY_PORTS.llm,
        permissionMode: session.permissionMode,
        permissionRules: settings.get("permissions.rules", repositoryId),
      }),
    });
  };
}

/** The scripts that a repository's sandboxes run, as its settings say. */
function describeSetup(
  settings: Pick<SettingService, "get">,
  repositoryId: RepositoryId,
): NonNullable<SandboxSpec["setup"]> {
  return {
    script: settings.get("setup.script", repositoryId),
    start: settings.get("setup.start", repositoryId),
    timeoutMs: settings.get("setup.timeoutMs", repositoryId),
  };
}
