"use client";

import { Plus } from "lucide-react";
import { useRef, useState } from "react";
import { useFleet } from "../api/fleet-store.ts";
import { Fleet } from "../features/fleet/fleet.tsx";
import { FleetFooter } from "../features/fleet/fleet-footer.tsx";
import { FirstVisit } from "../features/new-session/first-visit.tsx";
import { NewSession } from "../features/new-session/new-session.tsx";
import { Readiness } from "../features/new-session/readiness.tsx";
import { RegisterDialog } from "../features/repositories/register-dialog.tsx";
import { SampleButton } from "../features/repositories/sample-button.tsx";
import { cn } from "../lib/class-names.ts";
import { Button } from "../ui/button.tsx";
import { Wordmark } from "../ui/wordmark.tsx";

/** Where typing is the first thing one can do. On a phone the fleet follows below. */
export function HomePage() {
  const isFirstVisit = useFleet((state) => state.loaded && Object.keys(state.sessions).length === 0);
  const [adding, setAdding] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);
  const addButton = (close?: () => void) => (
    <Button
      look={close ? "quiet" : "outline"}
      size="sm"
      className={close ? "w-full justify-start font-normal" : ""}
      onClick={() => {
        close?.();
        setAdding(true);
      }}
    >
      {close && <Plus size={13} aria-hidden />}
      {close ? "Add a path or an address…" : "Add one"}
    </Button>
  );
  return (
    <main className="scroll-quiet flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="px-4 pt-3 md:hidden">
        <Wordmark />
      </div>
      <div className="mx-auto flex w-full max-w-[720px] flex-col gap-5 px-3 pt-5 pb-6 md:px-6 md:pt-[19vh]">
        <h1
          className={cn(
            "px-3.5 text-page font-semibold tracking-[-0.015em]",
            // On a phone the place is for typing; what this is has to be said once.
            !isFirstVisit && "max-md:sr-only",
          )}
        >
          {isFirstVisit ? "Coding agents, in the background" : "New session"}
        </h1>
        {isFirstVisit && (
          <p className="-mt-3 max-w-[62ch] px-3.5 text-prose text-ink-2">
            Pick a repository, say what to do, and go on with your work. An agent does it in a container on this
            machine, on a branch of its own; you review what comes back.
          </p>
        )}
        <NewSession addRepository={addButton} />
        <Readiness
          repositoryActions={
            <>
              <SampleButton />
              {addButton()}
            </>
          }
        />
        {isFirstVisit && <FirstVisit />}
      </div>
      <div className="flex flex-1 flex-col border-t pt-3 md:hidden">
        <Fleet currentId={null} searchField={searchField} withNewButton={false} />
        <FleetFooter />
      </div>
      <RegisterDialog open={adding} onClose={() => setAdding(false)} />
    </main>
  );
}
