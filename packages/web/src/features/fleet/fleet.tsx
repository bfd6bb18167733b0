"use client";

import { Plus, Search, X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { type RefObject, useMemo, useState } from "react";
import { z } from "zod";
import { useFleet } from "../../api/fleet-store.ts";
import { groupSessions } from "../../lib/group-sessions.ts";
import { KeyHint } from "../../ui/key-hint.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { useNow } from "../../ui/use-now.ts";
import { FleetGroup } from "./fleet-group.tsx";

/** All sessions by what they want from you. */
export function Fleet({
  currentId,
  searchField,
  withNewButton = true,
}: {
  currentId: string | null;
  searchField: RefObject<HTMLInputElement | null>;
  withNewButton?: boolean;
}) {
  const sessions = useFleet((state) => state.sessions);
  const loaded = useFleet((state) => state.loaded);
  const [search, setSearch] = useState("");
  const [doneOpen, setDoneOpen] = useLocal("fleet.done-open", z.boolean(), true);
  const groups = useMemo(() => groupSessions(Object.values(sessions), search), [sessions, search]);
  const now = useNow(20_000);
  const archiveShown = usePathname() === "/archived";
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-col gap-1.5 px-3 pb-1">
        {withNewButton && (
          <Link
            href="/"
            className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-raise px-2.5 font-medium transition-colors duration-120 hover:bg-hover"
          >
            <Plus size={15} className="text-ink-3" aria-hidden />
            <span className="flex-1">New session</span>
            <KeyHint keys="n" />
          </Link>
        )}
        <label className="flex h-8 items-center gap-2 rounded-md px-2.5 transition-colors duration-120 focus-within:bg-hover hover:bg-hover">
          <Search size={15} className="text-ink-3" aria-hidden />
          <input
            ref={searchField}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              setSearch("");
              event.currentTarget.blur();
            }}
            placeholder="Search sessions"
            aria-label="Search sessions"
            className="min-w-0 flex-1 bg-transparent outline-none"
          />
          {search ? (
            <button
              type="button"
              aria-label="Clear search"
              onClick={() => setSearch("")}
              className="text-ink-3 hover:text-ink"
            >
              <X size={13} />
            </button>
          ) : (
            <KeyHint keys="/" />
          )}
        </label>
      </div>
      <nav aria-label="Sessions" className="scroll-quiet min-h-0 flex-1 overflow-y-auto pb-4">
        {groups.map((group) => (
          <FleetGroup
            key={group.attention}
            group={group}
            currentId={currentId}
            now={now}
            open={group.attention !== "done" || doneOpen || search !== ""}
            {...(group.attention === "done" ? { onToggle: () => setDoneOpen(!doneOpen) } : {})}
          />
        ))}
        {groups.length === 0 && <Nothing loaded={loaded} search={search} />}
        {loaded && (
          <Link
            href="/archived"
            aria-current={archiveShown ? "page" : undefined}
            className="mx-3 mt-3 block w-max rounded-sm text-xs text-ink-3 hover:text-ink aria-[current]:font-medium aria-[current]:text-ink"
          >
            Archived and deleted
          </Link>
        )}
      </nav>
    </div>
  );
}

function Nothing({ loaded, search }: { loaded: boolean; search: string }) {
  if (!loaded) {
    return (
      <div className="flex flex-col gap-4 px-3 pt-6" aria-label="Loading sessions">
        {[68, 52, 60].map((width) => (
          <div key={width} className="flex animate-breathe flex-col gap-1.5 pl-5">
            <span className="h-3 rounded-sm bg-hover" style={{ width: `${width}%` }} />
            <span className="h-2.5 w-2/5 rounded-sm bg-hover" />
          </div>
        ))}
      </div>
    );
  }
  return (
    <p className="px-3 pt-4 text-ink-3">
      {search ? `No session matches “${search}”.` : "No sessions yet. What you start appears here."}
    </p>
  );
}
