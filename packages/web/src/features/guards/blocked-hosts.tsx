"use client";

import type { BlockedHost, EgressScope } from "@background-agents/shared/egress/network";
import type { Session } from "@background-agents/shared/sessions/session";
import { ChevronRight, Globe } from "lucide-react";
import { useState } from "react";
import { z } from "zod";
import { answerEgress } from "../../api/guard-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { cn } from "../../lib/class-names.ts";
import { Button } from "../../ui/button.tsx";
import { CheckField } from "../../ui/radio-list.tsx";
import { showError } from "../../ui/toast.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { BlockedHostRow } from "./blocked-host-row.tsx";

/** Hosts that were refused. The agent does not wait: the newest is in view, the rest are one click deeper. */
export function BlockedHosts({ session: { id, blockedHosts } }: { session: Session }) {
  const [open, setOpen] = useState(false);
  const [tellAgent, setTellAgent] = useLocal("egress.tell", z.boolean(), true);
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  // What the user can do something about comes first.
  const newestFirst = blockedHosts.toReversed().toSorted((a, b) => Number(b.allowable) - Number(a.allowable));
  const shown = open ? newestFirst : newestFirst.slice(0, 1);
  const allowable = shown.some((host) => host.allowable);

  async function answer(hosts: readonly BlockedHost[], allow: EgressScope | null): Promise<void> {
    const asked = new Set(hosts.map(({ requestId }) => requestId));
    // Several hosts may be answered at once: each answer takes back its own marks only.
    setBusy((before) => new Set([...before, ...asked]));
    try {
      for (const { requestId } of hosts) {
        await answerEgress(id, requestId, { allow, tellAgent: allow !== null && tellAgent });
      }
    } catch (error) {
      showError(messageOf(error));
    } finally {
      setBusy((before) => new Set([...before].filter((id) => !asked.has(id))));
    }
  }

  return (
    <section aria-label="Refused hosts" className="animate-rise rounded-xl border bg-raise">
      <div className="flex items-center gap-2 px-3.5 pt-2 text-xs">
        <Globe size={13} className="shrink-0 text-need" aria-hidden />
        <span className="font-medium text-need">
          {blockedHosts.length === 1 ? "The sandbox may not reach" : `${blockedHosts.length} hosts were refused`}
        </span>
        {blockedHosts.length > 1 && (
          <>
            <button
              type="button"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
              className="flex items-center rounded-sm text-ink-2 hover:text-ink"
            >
              {open ? "Newest only" : "Show all"}
              <ChevronRight
                size={12}
                aria-hidden
                className={cn("transition-transform duration-120", open && "rotate-90")}
              />
            </button>
            <Button
              look="quiet"
              size="sm"
              className="ml-auto"
              disabled={busy.size > 0}
              onClick={() => void answer(blockedHosts, null)}
            >
              Put all away
            </Button>
          </>
        )}
      </div>
      <ul className="scroll-quiet max-h-[34dvh] overflow-y-auto px-3.5 pb-1">
        {shown.map((host) => (
          <BlockedHostRow
            key={host.requestId}
            blocked={host}
            disabled={busy.has(host.requestId)}
            onAnswer={(allow) => void answer([host], allow)}
          />
        ))}
      </ul>
      {allowable && (
        <div className="px-3.5 pb-2.5 text-xs text-ink-2">
          <CheckField checked={tellAgent} onChange={setTellAgent}>
            Tell the agent that it may go on
          </CheckField>
        </div>
      )}
    </section>
  );
}
