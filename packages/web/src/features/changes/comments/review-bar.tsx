"use client";

import { newId } from "@background-agents/shared/ids";
import type { PromptMode } from "@background-agents/shared/sessions/session";
import type { ReviewComment } from "@background-agents/shared/reviews/comment";
import { ChevronDown, ChevronUp } from "lucide-react";
import { useState } from "react";
import { z } from "zod";
import { sendComments } from "../../../api/reviews-client.ts";
import { useSession } from "../../../api/use-session.tsx";
import { messageOf } from "../../../lib/app-error.ts";
import { plural } from "../../../lib/format.ts";
import { Button } from "../../../ui/button.tsx";
import { KeyHint } from "../../../ui/key-hint.tsx";
import { usePrimaryAct } from "../../../ui/primary-act.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { showError } from "../../../ui/toast.tsx";
import { useLocal } from "../../../ui/use-local.ts";
import { useReview } from "../review-context.tsx";
import { CommentList } from "./comment-list.tsx";
import { groupOf } from "./comment-words.ts";

const MODES = [
  { value: "queue", label: "After this turn" },
  { value: "steer", label: "Into this turn" },
] as const;

/** The review as a whole, under the diffs: how many comments there are, and the drafts' way to the agent. */
export function ReviewBar() {
  const { comments, goTo } = useReview();
  const [open, setOpen] = useState(false);
  const count = (group: ReturnType<typeof groupOf>) => comments.filter((one) => groupOf(one) === group).length;
  const [drafts, openOnes, closed] = [count("draft"), count("open"), count("closed")];
  if (comments.length === 0) return null;
  const words = [
    drafts > 0 && plural(drafts, "comment"),
    openOnes > 0 && `${openOnes} open`,
    drafts === 0 && openOnes === 0 && `${closed} dealt with`,
  ].filter(Boolean);
  const Chevron = open ? ChevronDown : ChevronUp;

  function jump(comment: ReviewComment): void {
    const { current, anchor } = comment;
    goTo({
      path: current?.path ?? anchor.path,
      side: anchor.side,
      lines: (anchor.side === "new" ? current?.lines : null) ?? anchor.lines,
    });
  }

  return (
    <section aria-label="Review comments" className="shrink-0 border-t bg-raise">
      {open && <CommentList onJump={jump} />}
      <div className="flex flex-wrap items-center gap-2 px-4 py-2">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="-ml-1.5 flex h-7 items-center gap-1.5 rounded-md px-1.5 text-sm text-ink-2 hover:bg-hover hover:text-ink"
        >
          <Chevron size={14} aria-hidden className="text-ink-3" />
          {words.join(" · ")}
        </button>
        {drafts > 0 && <SendDrafts drafts={drafts} />}
      </div>
    </section>
  );
}

function SendDrafts({ drafts }: { drafts: number }) {
  const { sessionId } = useReview();
  const running = useSession(({ session }) => session?.status === "working" || session?.status === "waiting");
  const [message, setMessage] = useLocal(`review.message.${sessionId}`, z.string(), "");
  const [mode, setMode] = useState<PromptMode>("queue");
  const [sending, setSending] = useState(false);
  const isPrimary = usePrimaryAct("review", true);

  async function send(): Promise<void> {
    if (sending) return;
    setSending(true);
    const text = message.trim();
    try {
      await sendComments(sessionId, {
        id: newId("prompt"),
        ...(text === "" ? {} : { message: text }),
        ...(running ? { mode } : {}),
      });
      setMessage("");
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setSending(false);
    }
  }

  return (
    <form
      className="contents"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
        event.preventDefault();
        void send();
      }}
    >
      <input
        value={message}
        aria-label="A word to the agent with the comments"
        placeholder="A word with them (optional)"
        onChange={(event) => setMessage(event.target.value)}
        className="h-7 min-w-0 flex-1 basis-40 rounded-md border border-line-strong bg-paper px-2 text-sm focus:border-ink-3 max-md:text-[16px]"
      />
      <div className="ml-auto flex items-center gap-2">
        {running && <Segmented label="When" value={mode} onChange={setMode} options={MODES} />}
        <Button look={isPrimary ? "primary" : "outline"} type="submit" disabled={sending}>
          {sending ? "Sending…" : drafts === 1 ? "Send to agent" : `Send ${drafts} to agent`}
          <KeyHint keys="mod+enter" className={isPrimary ? "text-accent-ink/85" : ""} />
        </Button>
      </div>
    </form>
  );
}
