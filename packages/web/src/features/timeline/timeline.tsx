"use client";

import { ArrowDown } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { useTimeline } from "../../api/use-timeline.ts";
import { plural } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { useShortcuts } from "../../ui/use-shortcuts.ts";
import { TurnView } from "./turn-view.tsx";
import { useFollowScroll } from "./use-follow-scroll.ts";

/** Turns shown at first, and more of them at each asking: a conversation of days opens as fast as one of minutes. */
const PAGE = 30;

/** The conversation: turns, each with what was asked and what the agent did. `head` stands before the first. */
export function Timeline({ head }: { head?: ReactNode }) {
  const { sessionId } = useSessionStore();
  const { turns } = useTimeline();
  const loaded = useSession((state) => state.snapshotSeq !== null && state.lastSeq >= state.snapshotSeq);
  const connection = useSession((state) => state.connection);
  const [shown, setShown] = useState(PAGE);
  const hidden = Math.max(0, turns.length - shown);
  const { scroller, content, hasNewBelow, toBottom } = useFollowScroll(sessionId, loaded);

  function stepTurn(by: 1 | -1): void {
    const box = scroller.current;
    if (!box) return;
    const top = box.getBoundingClientRect().top;
    const places = [...box.querySelectorAll("[data-turn]")].map((turn) => turn.getBoundingClientRect().top - top);
    const target = by === 1 ? places.find((place) => place > 24) : places.findLast((place) => place < -8);
    if (target !== undefined) box.scrollBy({ top: target - 8, behavior: "smooth" });
  }
  useShortcuts({ "[": () => stepTurn(-1), "]": () => stepTurn(1) });

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div ref={scroller} className="scroll-quiet min-h-0 flex-1 overflow-x-hidden overflow-y-auto px-3 md:px-5">
        <div ref={content} className="mx-auto max-w-[760px] pb-6">
          {hidden > 0 && (
            <button
              type="button"
              onClick={() => setShown(shown + PAGE)}
              className="mx-auto mt-4 block rounded-md px-3 py-1 text-xs text-ink-3 hover:bg-hover hover:text-ink"
            >
              Show {plural(Math.min(hidden, PAGE), "earlier turn")}
            </button>
          )}
          {hidden === 0 && head}
          {turns.slice(hidden).map((turn) => (
            <TurnView key={turn.prompt.id} turn={turn} isLast={turn.number === turns.length} />
          ))}
          {turns.length === 0 && loaded && (
            <Message title="No prompt yet">Write below what the agent should do.</Message>
          )}
          {turns.length === 0 && !loaded && <Loading />}
        </div>
      </div>
      {hasNewBelow && (
        <Button
          size="sm"
          className="absolute bottom-2 left-1/2 -translate-x-1/2 animate-rise rounded-full border-0 shadow-float"
          onClick={toBottom}
        >
          <ArrowDown size={12} aria-hidden />
          New below
        </Button>
      )}
      {connection === "reconnecting" && (
        <p
          role="status"
          className="absolute bottom-2 left-1/2 flex -translate-x-1/2 items-center gap-2 rounded-full bg-raise px-3 py-1 text-xs whitespace-nowrap text-ink-2 shadow-float md:hidden"
        >
          <span className="size-1.5 animate-breathe rounded-full bg-need" aria-hidden />
          Reconnecting…
        </p>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div aria-label="Loading the conversation" className="flex animate-breathe flex-col gap-3 pt-8">
      {[30, 100, 72, 84, 46].map((width, at) => (
        <span
          key={width}
          className={at === 1 ? "h-12 rounded-lg bg-hover" : "h-3 rounded-sm bg-hover"}
          style={{ width: `${width}%` }}
        />
      ))}
    </div>
  );
}
