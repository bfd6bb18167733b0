"use client";

import type { Approval } from "@background-agents/shared/sessions/approval";
import type { AnswerApprovalBody } from "@background-agents/shared/protocol/publish-commands";
import { TriangleAlert } from "lucide-react";
import { useRef, useState } from "react";
import { answerApproval } from "../../api/publish-client.ts";
import { useSessionStore } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { type ApprovalFacts, readApprovalDetails } from "../../lib/approval-details.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { Markdown } from "../../ui/markdown.tsx";
import { showError } from "../../ui/toast.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";
import { AskingCard } from "./asking-card.tsx";
import { RefuseField } from "./refuse-field.tsx";

/** What the agent wants done outside of its sandbox, with the user's own rights. */
export function ApprovalCard({ asked, more }: { asked: Approval; more: string }) {
  const { sessionId } = useSessionStore();
  const [sending, setSending] = useState(false);
  const buttons = useRef<HTMLDivElement>(null);
  /** Why not; null until Refuse was chosen. */
  const [reason, setReason] = useState<string | null>(null);

  function reply(body: AnswerApprovalBody): void {
    if (sending) return;
    setSending(true);
    answerApproval(sessionId, asked.approvalId, body).catch((error: unknown) => {
      setSending(false);
      showError(messageOf(error));
    });
  }

  function refuse(): void {
    const message = reason?.trim() ?? "";
    reply({ allow: false, ...(message === "" ? {} : { message }) });
  }

  return (
    <AskingCard
      label="The agent asks for approval"
      kicker={`Outside of its sandbox, in your name${more}`}
      // Keys go to a button and never press it: what is sent out cannot be taken back.
      onDigit={(digit) => buttons.current?.querySelectorAll("button")[digit - 1]?.focus()}
      onSubmit={() => (reason === null ? buttons.current?.querySelector("button")?.focus() : refuse())}
      actions={
        reason === null ? (
          <div ref={buttons} className="flex flex-wrap gap-1.5">
            <Button look="primary" disabled={sending} onClick={() => reply({ allow: true })}>
              Allow once
              <KeyHint keys="1" className="text-current opacity-75" />
            </Button>
            <Tooltip text="Pushes and pull requests of this session, from here on; its own branch only. Files that tools execute go out unseen, too: the session says so afterwards">
              <Button disabled={sending} onClick={() => reply({ allow: true, remember: true })}>
                Always in this session
                <KeyHint keys="2" />
              </Button>
            </Tooltip>
            <Button look="quiet" disabled={sending} onClick={() => setReason("")}>
              Refuse
              <KeyHint keys="3" />
            </Button>
          </div>
        ) : (
          <RefuseField
            reason={reason}
            act="Refuse"
            disabled={sending}
            onChange={setReason}
            onRefuse={refuse}
            onBack={() => setReason(null)}
          />
        )
      }
    >
      <h3 className="pt-1 text-prose font-medium break-words">The agent wants to {asked.summary}</h3>
      <Facts facts={readApprovalDetails(asked.details)} />
    </AskingCard>
  );
}

function Facts({ facts: { facts, commits, executed, text } }: { facts: ApprovalFacts }) {
  return (
    <div className="flex flex-col gap-2 pt-1.5">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
        {facts.map(({ name, value }) => (
          <div key={`${name}${value}`} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="font-mono text-code break-all">{value}</dd>
          </div>
        ))}
      </dl>
      {commits.length > 0 && (
        <ul aria-label="Commits" className="border-l-2 border-need/30 pl-2.5">
          {commits.map((subject, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- two commits can have one subject
            <li key={at} className="break-words">
              {subject}
            </li>
          ))}
        </ul>
      )}
      {executed.length > 0 && (
        <div>
          <p className="flex items-center gap-2 font-medium text-need">
            <TriangleAlert size={14} aria-hidden />
            Changes files that tools execute
          </p>
          <ul>
            {executed.map((line) => (
              <li key={line} className="font-mono text-code break-all">
                {line}
              </li>
            ))}
          </ul>
        </div>
      )}
      {text !== null && text.trim() !== "" && (
        <div className="border-l-2 border-need/30 pl-2.5">
          <Markdown text={text} />
        </div>
      )}
    </div>
  );
}
