"use client";

import { HostRule } from "@background-agents/shared/egress/network";
import type { Session } from "@background-agents/shared/sessions/session";
import type { SettingKey } from "@background-agents/shared/settings/settings";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { settingsQuery } from "../../api/guard-queries.ts";
import { setAllowedHosts, setSessionBudget } from "../../api/guard-client.ts";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { updateSession } from "../../api/sessions-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { useSessionBudget } from "../../api/use-session-budget.ts";
import { messageOf } from "../../lib/app-error.ts";
import { type BudgetDraft, readDraft } from "../../lib/budget-draft.ts";
import { hostOf, wordProblem } from "../../lib/check-word.ts";
import { findSetting } from "../../lib/setting-value.ts";
import { sessionSourceWords } from "../../lib/source-words.ts";
import { BudgetOption } from "../../ui/budget-option.tsx";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { OPTION_SETTINGS, SessionOptionFields, type SessionOptions } from "../../ui/session-options.tsx";
import { StringList } from "../../ui/string-list.tsx";

/** How this session is run from here on. */
export function OptionsDialog() {
  const isOpen = useSessionDialog((state) => state.dialog?.kind === "options");
  const session = useSession((state) => state.session);
  return isOpen && session ? <Form session={session} /> : null;
}

function Form({ session }: { session: Session }) {
  const [change, setChange] = useState<Partial<SessionOptions>>({});
  const [hosts, setHosts] = useState<readonly string[] | null>(null);
  /** Undefined: as it is; null: its repository's. */
  const [budget, setBudget] = useState<BudgetDraft | null | undefined>(undefined);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { id, permissionMode, publishMode, agentPush, networkMode } = session;
  const { inherited } = useSessionBudget(session);
  const options: SessionOptions = { permissionMode, publishMode, agentPush, networkMode, ...change };
  const sources = useSources(session, options);
  const changed = Object.keys(change).length > 0 || hosts !== null || budget !== undefined;

  async function save(): Promise<void> {
    const read = budget ? readDraft(budget) : null;
    if (read && "problem" in read) return setProblem(read.problem);
    setSaving(true);
    setProblem(null);
    try {
      if (Object.keys(change).length > 0) await updateSession(id, change);
      if (hosts !== null) await setAllowedHosts(id, hosts);
      if (budget !== undefined) await setSessionBudget(id, read?.budget ?? null);
      closeSessionDialog();
    } catch (error) {
      setProblem(messageOf(error));
      setSaving(false);
    }
  }

  return (
    <DialogForm
      title="Options of the session"
      act={saving ? "Saving…" : "Save"}
      disabled={saving || !changed}
      problem={problem}
      onClose={closeSessionDialog}
      onAct={() => void save()}
    >
      <SessionOptionFields
        options={options}
        sources={sources}
        onChange={(more) => setChange({ ...change, ...more })}
        hosts={
          options.networkMode === "allowlist" && (
            <div>
              <p className="pb-1 text-ink-2">Hosts this session may reach besides its repository’s</p>
              <StringList
                label="Hosts of this session"
                values={hosts ?? session.allowedHosts}
                onChange={setHosts}
                placeholder="api.example.com"
                check={(host) => wordProblem(HostRule, host)}
                clean={hostOf}
              />
            </div>
          )
        }
      />
      {change.permissionMode && (
        <p className="text-xs text-ink-2">How freely the agent works changes with its next turn.</p>
      )}
      <BudgetOption own={session.budget} inherited={inherited} draft={budget} onChange={setBudget} />
    </DialogForm>
  );
}

/** Where each option comes from, as it would be saved; nothing until the repository's settings are there. */
function useSources({ repository }: Session, options: SessionOptions): Partial<Record<keyof SessionOptions, string>> {
  const { data } = useQuery({ ...settingsQuery(repository.id), retry: false });
  const entries = Object.entries(OPTION_SETTINGS) as [keyof SessionOptions, SettingKey][];
  return Object.fromEntries(
    entries.flatMap(([option, key]) => {
      const setting = data && findSetting(data.settings, key);
      return setting ? [[option, sessionSourceWords(options[option], setting)]] : [];
    }),
  );
}
