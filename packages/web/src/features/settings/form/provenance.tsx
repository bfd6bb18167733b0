import type { Setting, SettingScope, SettingSource } from "@background-agents/shared/settings/settings";
import { cn } from "../../../lib/class-names.ts";

/** Where a value comes from, and the way back where it was set here. */
export function Provenance({
  setting,
  scope,
  onTakeBack,
}: {
  setting: Pick<Setting, "source" | "variable">;
  scope: SettingScope;
  onTakeBack: (() => void) | null;
}) {
  return (
    <span className="flex items-baseline gap-2 text-2xs">
      <span className={cn("whitespace-nowrap", onTakeBack ? "text-ink-2" : "text-ink-3")}>
        {sourceWords(setting.source, scope, setting.variable)}
      </span>
      {onTakeBack && (
        <button
          type="button"
          onClick={onTakeBack}
          className="rounded-sm whitespace-nowrap text-accent underline-offset-2 hover:underline"
        >
          Take back
        </button>
      )}
    </span>
  );
}

/** `default`, `.env SANDBOX_CPUS`, `set here`, `from all repositories`. */
export function sourceWords(source: SettingSource, scope: SettingScope, variable: string | null): string {
  if (source === "default") return "default";
  if (source === "environment") return variable ? `.env ${variable}` : ".env";
  return source === scope ? "set here" : "from all repositories";
}
