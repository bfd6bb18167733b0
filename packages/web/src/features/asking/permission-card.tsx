"use client";

import type { PermissionAsked, PermissionReply } from "@background-agents/shared/sessions/asking";
import { permissionWords } from "@background-agents/shared/sessions/permission-words";
import { useRef, useState } from "react";
import { answerPermission } from "../../api/sessions-client.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { showError } from "../../ui/toast.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import { AskingCard } from "./asking-card.tsx";
import { RefuseField } from "./refuse-field.tsx";

/** What the agent wants to be allowed. */
export function PermissionCard({ asked, more }: { asked: PermissionAsked; more: string }) {
  const { sessionId } = useSessionStore();
  const { permissionId, permission, patterns } = asked;
  const [sending, setSending] = useState(false);
  const buttons = useRef<HTMLDivElement>(null);
  /** Why not; null until Reject was chosen. */
  const [reason, setReason] = useState<string | null>(null);

  function reply(given: PermissionReply, message = ""): void {
    if (sending) return;
    setSending(true);
    const body = { reply: given, ...(message.trim() === "" ? {} : { message: message.trim() }) };
    answerPermission(sessionId, permissionId, body).catch((error: unknown) => {
      setSending(false);
      showError(messageOf(error));
    });
  }

  return (
    <AskingCard
      label="The agent asks for permission"
      kicker={`Permission${more}`}
      // A digit goes to a button and never presses it: one stray key must allow nothing.
      onDigit={(digit) => buttons.current?.querySelectorAll("button")[digit - 1]?.focus()}
      onSubmit={() => (reason === null ? reply("once") : reply("reject", reason))}
      actions={
        reason === null ? (
          <div ref={buttons} className="flex flex-wrap gap-1.5">
            <Button look="primary" disabled={sending} onClick={() => reply("once")}>
              Once
              <KeyHint keys="1" className="text-current opacity-75" />
            </Button>
            <Tooltip text="Until the agent’s process ends">
              <Button disabled={sending} onClick={() => reply("always")}>
                Always
                <KeyHint keys="2" />
              </Button>
            </Tooltip>
            <Button look="quiet" disabled={sending} onClick={() => setReason("")}>
              Reject
              <KeyHint keys="3" />
            </Button>
          </div>
        ) : (
          <RefuseField
            reason={reason}
            act="Reject"
            disabled={sending}
            onChange={setReason}
            onRefuse={() => reply("reject", reason)}
            onBack={() => setReason(null)}
          />
        )
      }
    >
      <h3 className="pt-1 text-prose font-medium">The agent wants to {permissionWords(permission)}</h3>
      {patterns.length > 0 && (
        <ul className="pt-1.5">
          {patterns.map((pattern) => (
            <li key={pattern} className="font-mono text-code break-all whitespace-pre-wrap">
              {pattern}
            </li>
          ))}
        </ul>
      )}
    </AskingCard>
  );
}
