import type { ReactNode } from "react";

/** What is to be known of a room before anything in it is changed. */
export function RoomNote({ children }: { children: ReactNode }) {
  return (
    <div className="border-b pb-4 text-ink-2">
      <div className="max-w-[68ch]">{children}</div>
    </div>
  );
}
