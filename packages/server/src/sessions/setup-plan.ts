import { SETUP_FILES } from "@background-agents/shared/sessions/setup";
import type { Session } from "@background-agents/shared/sessions/session";
import type { Repositories } from "../repositories/repositories.ts";
import type { SecretService } from "../secrets/secret-service.ts";
import type { SettingService } from "../settings/setting-service.ts";

export type SetupPlan = ReturnType<typeof createSetupPlan>;

/** Which setup scripts run in a container of their own: those that have secrets which the agent must not get. */
export function createSetupPlan(deps: {
  settings: Pick<SettingService, "get">;
  secrets: Pick<SecretService, "hasSetupSecrets">;
  repositories: Pick<Repositories, "hasFile">;
}) {
  return {
    /**
     * Where such a script comes from: the settings, or the session's base commit, which no agent wrote. Undefined where
     * there is none, or where it needs no container of its own.
     */
    async findApart(session: Session): Promise<"settings" | "file" | undefined> {
      const { id } = session.repository;
      if (!deps.secrets.hasSetupSecrets(id)) return undefined;
      if (deps.settings.get("setup.script", id) !== null) return "settings";
      return (await deps.repositories.hasFile(session, SETUP_FILES.setup)) ? "file" : undefined;
    },
  };
}
