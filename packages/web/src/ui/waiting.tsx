import { cn } from "../lib/class-names.ts";

/** Says what is waited for. Only the dot breathes: words that fade cannot be read at their faintest. */
export function Waiting({ words, className }: { words: string; className?: string }) {
  return (
    <p className={cn("text-ink-3", className)}>
      <span className="mr-2 inline-block size-1.5 animate-breathe rounded-full bg-ink-3 align-middle" aria-hidden />
      {words}
    </p>
  );
}
