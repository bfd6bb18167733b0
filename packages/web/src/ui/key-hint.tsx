import { cn } from "../lib/class-names.ts";
import { shortcutLabel } from "../lib/platform.ts";

/** A keyboard shortcut as this machine's keyboard names it. Hidden where there is no keyboard to speak of. */
export function KeyHint({ keys, className }: { keys: string; className?: string }) {
  return (
    <kbd
      aria-hidden
      className={cn(
        "hidden font-sans text-2xs leading-4 tracking-wide text-ink-3 md:inline [@media(pointer:coarse)]:hidden",
        className,
      )}
    >
      {shortcutLabel(keys)}
    </kbd>
  );
}
