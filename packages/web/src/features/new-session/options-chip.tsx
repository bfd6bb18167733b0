"use client";

import { SlidersHorizontal } from "lucide-react";
import { useState } from "react";
import { NETWORK_WORDS } from "../../lib/network-words.ts";
import { Chip } from "../../ui/chip.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import {
  DEFAULT_OPTIONS,
  PERMISSION_WORDS,
  SessionOptionFields,
  type SessionOptions,
} from "../../ui/session-options.tsx";

/** How the new session is to be run; says only what differs from what is usual. */
export function OptionsChip({
  options,
  onChange,
}: {
  options: SessionOptions;
  onChange: (options: SessionOptions) => void;
}) {
  const [draft, setDraft] = useState<SessionOptions | null>(null);
  const words = [
    options.permissionMode !== DEFAULT_OPTIONS.permissionMode && PERMISSION_WORDS[options.permissionMode],
    options.networkMode !== DEFAULT_OPTIONS.networkMode && NETWORK_WORDS[options.networkMode],
    options.publishMode !== DEFAULT_OPTIONS.publishMode && "publishes by hand",
    options.agentPush !== DEFAULT_OPTIONS.agentPush && (options.agentPush === "auto" ? "may push" : "never pushes"),
  ].filter(Boolean);
  return (
    <>
      <Chip
        icon={<SlidersHorizontal size={13} />}
        aria-label={`Options: ${words.join(", ") || "as usual"}`}
        onClick={() => setDraft(options)}
      >
        {words.length > 0 ? words.join(", ") : "options"}
      </Chip>
      {draft && (
        <DialogForm
          title="Options of the session"
          act="Use"
          onClose={() => setDraft(null)}
          onAct={() => {
            onChange(draft);
            setDraft(null);
          }}
        >
          <SessionOptionFields options={draft} onChange={(change) => setDraft({ ...draft, ...change })} />
        </DialogForm>
      )}
    </>
  );
}
