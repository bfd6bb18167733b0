"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { Play } from "lucide-react";
import { useState } from "react";
import { resumeSession } from "../../api/sessions-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.tsx";

/** Starts a sandbox that is down, before a prompt needs it. */
export function StartSandbox({ session }: { session: Session }) {
  const [starting, setStarting] = useState(false);
  if (!["stopped", "failed"].includes(session.sandbox.status)) return null;

  function start(): void {
    setStarting(true);
    resumeSession(session.id)
      .catch((error: unknown) => showError(messageOf(error)))
      .finally(() => setStarting(false));
  }

  return (
    <div className="border-b px-4 py-2.5">
      <Button disabled={starting} onClick={start}>
        <Play size={13} aria-hidden />
        {starting ? "Starting…" : "Start the sandbox"}
      </Button>
    </div>
  );
}
