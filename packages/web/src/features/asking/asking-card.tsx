"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { usePrimaryAct } from "../../ui/primary-act.ts";
import { useShortcuts } from "../../ui/use-shortcuts.ts";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * The frame of what the agent asks. Its keys work all over the page: 1–9 outside of text fields, ⌘↵ wherever nothing
 * else takes it.
 */
export function AskingCard({
  label,
  kicker,
  onDigit,
  onSubmit,
  actions,
  children,
}: {
  label: string;
  /** A few words above: what kind of thing is asked. */
  kicker: ReactNode;
  /** `digit` from 1. */
  onDigit: (digit: number) => void;
  onSubmit: () => void;
  actions: ReactNode;
  children: ReactNode;
}) {
  const card = useRef<HTMLElement>(null);
  usePrimaryAct("answer", true);
  useShortcuts({
    ...Object.fromEntries(DIGITS.map((digit) => [digit, () => onDigit(Number(digit))])),
    "mod+Enter": onSubmit,
  });
  useEffect(() => {
    // Never from under somebody who writes, or is about to: what they type next would be taken for an answer.
    if (document.activeElement === document.body) card.current?.focus({ preventScroll: true });
  }, []);

  function onKeyDown(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) onSubmit();
    else if (!typing && DIGITS.includes(event.key) && !event.metaKey && !event.ctrlKey) onDigit(Number(event.key));
    else return;
    event.preventDefault();
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the fields inside bubble to here
    <section
      ref={card}
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
      className="flex max-h-[52dvh] animate-rise flex-col rounded-xl border border-need/45 bg-need-soft outline-none"
    >
      <div className="scroll-quiet min-h-0 overflow-y-auto px-3.5 pt-2.5 pb-2">
        <p className="text-xs font-medium text-need">{kicker}</p>
        {children}
      </div>
      <div className="flex flex-wrap items-center gap-1.5 border-t border-need/20 px-3.5 pt-2.5 pb-3">{actions}</div>
    </section>
  );
}
