import type { RepositoryId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Session } from "@background-agents/shared/sessions/session";
import type { ModelService } from "../models/model-service.ts";
import type { SettingService } from "../settings/setting-service.ts";
import { describeRestore } from "./restore-content.ts";
import { buildSandboxSpec, RELAY_PORTS } from "./sandbox-spec.ts";
import type { SessionState } from "./session-state.ts";
import type { SessionStore } from "./session-store.ts";

/** Gathers what a session's next sandbox needs to know, as it is now. */
export function createSpecBuilder(deps: {
  store: SessionStore;
  settings: Pick<SettingService, "get">;
  models: Pick<ModelService, "opencodeConfig">;
  repositories: { identity(path: string): Promise<SandboxSpec["identity"]> };
  /** The address of the user's remote, where the sandbox gets to know it. */
  findOrigin: (session: Session) => Promise<string | undefined>;
}) {
  const { store, settings, models } = deps;

  return async (state: SessionState): Promise<SandboxSpec> => {
    const { session } = state;
    const { id: repositoryId, path } = session.repository;
    return buildSandboxSpec(state, {
      identity: await deps.repositories.identity(path),
      gitCredentials: settings.get("git.credentials"),
      originUrl: await deps.findOrigin(session),
      restore: describeRestore(store, state),
      setup: describeSetup(settings, repositoryId),
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
