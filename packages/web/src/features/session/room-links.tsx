import Link from "next/link";
import { cn } from "../../lib/class-names.ts";
import type { InspectorTab } from "./inspector.tsx";

/** Where there is room for one pane only, the conversation and each room beside it are pages. */
export function RoomLinks({ tabs, room }: { tabs: readonly InspectorTab[]; room: string | null }) {
  const links = [{ id: null, label: "Conversation", note: undefined }, ...tabs];
  return (
    <nav
      aria-label="Views of the session"
      className="scroll-quiet flex shrink-0 gap-5 overflow-x-auto border-b px-4 whitespace-nowrap"
    >
      {links.map(({ id, label, note }) => (
        <Link
          key={label}
          href={id ? `?view=${id}` : "?"}
          aria-current={id === room ? "page" : undefined}
          className={cn(
            "-mb-px flex items-center gap-1.5 border-b-2 py-2",
            id === room ? "border-ink font-medium" : "border-transparent text-ink-2",
          )}
        >
          {label}
          {note !== undefined && <span className="text-2xs font-normal text-ink-3">{note}</span>}
        </Link>
      ))}
    </nav>
  );
}
