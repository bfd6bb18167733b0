import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import type { SettingService } from "../settings/setting-service.ts";
import type { SandboxTerms } from "./sandbox-manager.ts";

/** What the settings say of a session's container, as they are now. */
export function createTermsReader(deps: {
  settings: Pick<SettingService, "get">;
  findRepository: (sessionId: SessionId) => RepositoryId | undefined;
}) {
  return (sessionId: SessionId): SandboxTerms => {
    const repositoryId = deps.findRepository(sessionId);
    const { get } = deps.settings;
    return {
      resources: {
        memoryBytes: get("sandbox.memoryBytes", repositoryId),
        cpus: get("sandbox.cpus", repositoryId),
        runtime: get("sandbox.runtime", repositoryId),
      },
      packages: get("sandbox.packages", repositoryId),
      mountsCredentials: get("git.credentials") === "mount",
    };
  };
}
