import type { SettingScope, SettingSource } from "@background-agents/shared/settings/settings";

/** `default`, `.env SANDBOX_CPUS`, `set here`, `from all repositories`. */
export function sourceWords(source: SettingSource, scope: SettingScope, variable: string | null): string {
  if (source === "default") return "default";
  if (source === "environment") return variable ? `.env ${variable}` : ".env";
  return source === scope ? "set here" : "from all repositories";
}

/**
 * Where a session's value comes from. A session keeps what its repository said when it began, so one that differs from
 * what the repository says now is the session's own, whoever of the two was changed.
 */
export function sessionSourceWords(
  value: unknown,
  setting: { value: unknown; source: SettingSource; variable: string | null },
): string {
  if (value !== setting.value) return "set for this session";
  return setting.source === "repository"
    ? "from its repository"
    : sourceWords(setting.source, "repository", setting.variable);
}
