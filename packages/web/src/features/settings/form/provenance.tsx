import type { Setting, SettingScope } from "@background-agents/shared/settings/settings";
import { cn } from "../../../lib/class-names.ts";
import { sourceWords } from "../../../lib/source-words.ts";

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
