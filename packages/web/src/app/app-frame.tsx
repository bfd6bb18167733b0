"use client";

import { useQuery } from "@tanstack/react-query";
import { usePathname, useRouter } from "next/navigation";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { config } from "zod";
import { useFleet } from "../api/fleet-store.ts";
import { repositoriesQuery } from "../api/queries.ts";
import { Fleet } from "../features/fleet/fleet.tsx";
import { FleetFooter } from "../features/fleet/fleet-footer.tsx";
import { Palette } from "../features/palette/palette.tsx";
import { ShortcutSheet } from "../features/palette/shortcut-sheet.tsx";
import { groupSessions } from "../lib/group-sessions.ts";
import { useShortcuts } from "../ui/use-shortcuts.ts";
import { Wordmark } from "../ui/wordmark.tsx";
import { repositoryPlaces, ROOM_PLACES } from "./settings-places.ts";

// Zod tries whether it may make code of text; the page's content policy forbids that, and says so in the console.
config({ jitless: true });

/** The fleet beside the page, and the keys that work everywhere. On a phone the fleet is the home page's. */
export function AppFrame({ children }: { children: ReactNode }) {
  const router = useRouter();
  const currentId = /^\/sessions\/([^/]+)/.exec(usePathname())?.[1] ?? null;
  const sessions = useFleet((state) => state.sessions);
  const inOrder = useMemo(
    () => groupSessions(Object.values(sessions), "").flatMap((group) => group.sessions),
    [sessions],
  );
  const searchField = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState<"palette" | "shortcuts" | null>(null);

  const repositories = useQuery({ ...repositoriesQuery, enabled: shown === "palette" }).data?.repositories;

  function step(by: 1 | -1): void {
    const at = inOrder.findIndex(({ id }) => id === currentId);
    const next = at === -1 ? inOrder.at(by === 1 ? 0 : -1) : inOrder[at + by];
    if (next) router.push(`/sessions/${next.id}`);
  }

  useShortcuts({
    "mod+k": () => setShown(shown === "palette" ? null : "palette"),
    "?": () => setShown("shortcuts"),
    n: () => {
      router.push("/");
      document.querySelector<HTMLTextAreaElement>("[data-new-session]")?.focus();
    },
    j: () => step(1),
    k: () => step(-1),
    "/": () => searchField.current?.focus(),
  });

  return (
    <div className="grid h-dvh grid-cols-[minmax(0,1fr)] md:grid-cols-[260px_minmax(0,1fr)]">
      <aside className="hidden min-h-0 flex-col border-r md:flex">
        <div className="px-3 py-3">
          <Wordmark />
        </div>
        <Fleet currentId={currentId} searchField={searchField} />
        <FleetFooter />
      </aside>
      <div className="flex min-h-0 min-w-0 flex-col">{children}</div>
      <Palette
        open={shown === "palette"}
        onClose={() => setShown(null)}
        sessions={inOrder}
        rooms={ROOM_PLACES}
        repositories={repositoryPlaces(repositories ?? [])}
        onGo={(path) => router.push(path)}
        onShowShortcuts={() => setShown("shortcuts")}
      />
      <ShortcutSheet open={shown === "shortcuts"} onClose={() => setShown(null)} />
    </div>
  );
}
