import { ChevronRight } from "lucide-react";
import { ATTENTION_WORDS, type SessionGroup } from "../../lib/group-sessions.ts";
import { cn } from "../../lib/class-names.ts";
import { FleetRow } from "./fleet-row.tsx";

export function FleetGroup({
  group,
  currentId,
  now,
  open,
  onToggle,
}: {
  group: SessionGroup;
  currentId: string | null;
  now: number;
  open: boolean;
  onToggle?: () => void;
}) {
  const heading = (
    <>
      <span>{ATTENTION_WORDS[group.attention]}</span>
      {onToggle && (
        <ChevronRight size={12} aria-hidden className={cn("transition-transform duration-120", open && "rotate-90")} />
      )}
      <span className="ml-auto font-normal">{group.sessions.length}</span>
    </>
  );
  const look = "flex w-full items-center gap-1 px-3 pt-4 pb-1 text-2xs font-medium tracking-wide text-ink-3";
  return (
    <section aria-label={ATTENTION_WORDS[group.attention]}>
      {onToggle ? (
        <button type="button" aria-expanded={open} onClick={onToggle} className={cn(look, "hover:text-ink")}>
          {heading}
        </button>
      ) : (
        <h2 className={look}>{heading}</h2>
      )}
      {open && (
        <ul>
          {group.sessions.map((session) => (
            <li key={session.id}>
              <FleetRow session={session} current={session.id === currentId} now={now} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
