"use client";

import type { Job } from "@background-agents/shared/jobs/job";
import { ChevronRight, CircleCheck, CircleSlash, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { create } from "zustand";
import { askAgain } from "../../api/ask-again.ts";
import { cancelJob } from "../../api/publish-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { sentence } from "../../lib/sentence.ts";
import { cleanTerminalText } from "../../lib/terminal-text.ts";
import { Button } from "../../ui/button.tsx";
import { EditorLink } from "../../ui/editor-link.tsx";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { showError } from "../../ui/toast.tsx";
import { TerminalText } from "../../ui/terminal-spans.tsx";

/** The job that was put away last: no matter which room of the inspector it was seen in. */
const useAway = create<{ away: string | null }>(() => ({ away: null }));

/** What the user ended is no failure. */
const CANCELLED = "job.cancelled";

/** The newest job while it runs and, until it is put away, what came of it. */
export function JobTray() {
  const jobs = useSession((state) => state.jobs);
  const away = useAway((state) => state.away);
  const newest = Object.values(jobs)
    .flatMap((job) => job ?? [])
    .toSorted((a, b) => a.id.localeCompare(b.id))
    .at(-1);
  if (!newest || newest.id === away) return null;
  return <JobLine key={newest.id} job={newest} onPutAway={() => useAway.setState({ away: newest.id })} />;
}

function JobLine({ job, onPutAway }: { job: Job; onPutAway: () => void }) {
  const { sessionId } = useSessionStore();
  const [open, setOpen] = useState(false);
  const [cancelling, setCancelling] = useState(false);
  const running = job.status === "running";
  const lastLine = cleanTerminalText(job.log).trimEnd().split("\n").at(-1) ?? "";

  function cancel(): void {
    setCancelling(true);
    cancelJob(sessionId, job.id).catch((error: unknown) => {
      setCancelling(false);
      showError(messageOf(error));
    });
  }

  return (
    <section aria-label="Job" className="shrink-0 border-t">
      <div className="flex items-start gap-2 px-4 py-2">
        <StatusMark job={job} />
        <div className="min-w-0 flex-1" role="status">
          <p className="break-words">
            {sentence(job.status === "succeeded" ? (job.result ?? job.summary) : job.summary)}
            {job.log !== "" && (
              <button
                type="button"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
                className="ml-2 inline-flex items-center text-xs text-ink-3 hover:text-ink"
              >
                Log
                <ChevronRight
                  size={12}
                  aria-hidden
                  className={cn("transition-transform duration-120", open && "rotate-90")}
                />
              </button>
            )}
          </p>
          {running && !open && lastLine !== "" && <p className="truncate text-xs text-ink-3">{lastLine}</p>}
          <JobEnd job={job} />
        </div>
        {running ? (
          <Button look="quiet" size="sm" disabled={cancelling} onClick={cancel}>
            {cancelling ? "Cancelling…" : "Cancel"}
          </Button>
        ) : (
          <Button look="quiet" size="icon" className="-mt-0.5 size-6" aria-label="Put away" onClick={onPutAway}>
            <X size={13} />
          </Button>
        )}
      </div>
      {open && <Log text={job.log} />}
    </section>
  );
}

function StatusMark({ job: { status, error } }: { job: Job }) {
  if (error?.code === CANCELLED) {
    return <CircleSlash size={15} className="mt-0.5 shrink-0 text-ink-3" aria-label="cancelled" />;
  }
  if (status === "succeeded") {
    return <CircleCheck size={15} className="mt-0.5 shrink-0 text-good" aria-label="done" />;
  }
  if (status === "failed") {
    return <TriangleAlert size={15} className="mt-0.5 shrink-0 text-fail" aria-label="failed" />;
  }
  return (
    <span
      role="img"
      aria-label="running"
      className="mx-1 mt-1.5 size-2 shrink-0 animate-breathe rounded-full bg-accent"
    />
  );
}

/** What there is to do about it. */
function JobEnd({ job }: { job: Job }) {
  const { sessionId } = useSessionStore();
  const checkout = useSession((state) => state.session?.checkout ?? null);
  const pullRequest = useSession((state) => state.session?.pullRequest ?? null);
  if (job.status === "succeeded") {
    if (job.kind === "checkout" && checkout) return <EditorLink path={checkout.path} />;
    if (job.kind === "pull-request" && pullRequest) {
      return <OutsideLink href={pullRequest.url}>Open #{pullRequest.number}</OutsideLink>;
    }
    return null;
  }
  if (!job.error) return null;
  const { code, message, advice, url } = job.error;
  return (
    <div className="flex flex-col items-start gap-1.5 pt-0.5">
      <p className={cn("break-words whitespace-pre-wrap", code === CANCELLED ? "text-ink-2" : "text-fail")}>
        {message}
      </p>
      {advice && <p className="break-words text-ink-2">{advice}</p>}
      <span className="flex flex-wrap items-center gap-3">
        <Button
          size="sm"
          onClick={() => askAgain(sessionId, job).catch((error: unknown) => showError(messageOf(error)))}
        >
          Try again
        </Button>
        {url && <OutsideLink href={url}>{hostOf(url)}</OutsideLink>}
      </span>
    </div>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** What the job prints, its end in view. */
function Log({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [text]);
  return (
    <pre
      ref={box}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so keys must reach it
      tabIndex={0}
      aria-label="Log"
      className="code-block scroll-quiet max-h-56 overflow-auto border-t bg-sunk px-4 py-2 break-words whitespace-pre-wrap text-ink-2"
    >
      <TerminalText text={text} />
    </pre>
  );
}
