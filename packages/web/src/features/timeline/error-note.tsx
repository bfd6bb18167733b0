"use client";

import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.tsx";
import { TerminalText } from "../../ui/terminal-spans.tsx";

/** What failed, why, and the next step. */
export function ErrorNote({
  title,
  message,
  details,
  retryText,
}: {
  title: string;
  message: string;
  /** The last lines of a log. */
  details?: string;
  /** The prompt to send again. */
  retryText?: string;
}) {
  const store = useSessionStore();
  const [sending, setSending] = useState(false);

  function retry(text: string): void {
    setSending(true);
    store
      .send(text)
      .catch((error: unknown) => showError(messageOf(error)))
      .finally(() => setSending(false));
  }

  return (
    <div role="alert" className="my-1 rounded-lg bg-fail-soft px-3.5 py-2.5">
      <p className="font-medium text-fail">{title}</p>
      <p className="break-words whitespace-pre-wrap">{message}</p>
      {details && (
        <details className="pt-1.5">
          <summary className="w-max text-xs text-ink-2">Last lines of the log</summary>
          <pre className="code-block scroll-quiet max-h-64 overflow-auto pt-1.5 whitespace-pre-wrap text-ink-2">
            <TerminalText text={details} />
          </pre>
        </details>
      )}
      {retryText !== undefined && (
        <div className="pt-2">
          <Button disabled={sending} onClick={() => retry(retryText)}>
            <RotateCcw size={13} aria-hidden />
            Send the prompt again
          </Button>
        </div>
      )}
    </div>
  );
}
