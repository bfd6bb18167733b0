"use client";

import type { RepositoryId } from "@background-agents/shared/ids";
import type { SettingsAnswer } from "@background-agents/shared/protocol/guard-commands";
import type { SettingKey, SettingScope, SettingValue } from "@background-agents/shared/settings/settings";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import { updateSettings } from "../../../api/guard-client.ts";
import { settingsQuery } from "../../../api/guard-queries.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { findSetting, ownValue, type ShownSetting, withOwn } from "../../../lib/setting-value.ts";
import { RetryMessage } from "../../../ui/retry-message.tsx";
import { showError, showToast } from "../../../ui/toast.tsx";
import { Waiting } from "../../../ui/waiting.tsx";

export interface SettingsForm {
  repository: RepositoryId | null;
  scope: SettingScope;
  preset: SettingsAnswer["preset"];
  /** Null where the setting cannot be set in this scope. */
  find<K extends SettingKey>(key: K): ShownSetting<K> | null;
  /** Why the last change of a setting was refused. */
  problemOf(key: SettingKey): string | null;
  /** Sets a value in this scope, or with undefined takes it back; shown at once, undone by the note that tells of it. */
  change<K extends SettingKey>(key: K, own: SettingValue<K> | undefined, label: string): Promise<boolean>;
}

const Context = createContext<SettingsForm | null>(null);

export function useSettings(): SettingsForm {
  const form = useContext(Context);
  if (!form) throw new Error("A setting stands outside of SettingsProvider.");
  return form;
}

/** The settings of one scope for the rooms inside. */
export function SettingsProvider({ repository, children }: { repository: RepositoryId | null; children: ReactNode }) {
  const queries = useQueryClient();
  const query = settingsQuery(repository);
  const { data, error, refetch } = useQuery(query);
  const [problems, setProblems] = useState<Partial<Record<SettingKey, string>>>({});
  const scope: SettingScope = repository === null ? "global" : "repository";

  /** What the server had against it; null: nothing. */
  async function put(key: SettingKey, own: unknown): Promise<string | null> {
    await queries.cancelQueries(query);
    const before = queries.getQueryData(query.queryKey);
    queries.setQueryData(query.queryKey, (answer) => answer && withChange(answer, { key, scope, own }));
    setProblems((all) => ({ ...all, [key]: undefined }));
    try {
      const answer = await updateSettings({
        ...(repository === null ? {} : { repository }),
        ...(own === undefined ? { reset: [key] } : { values: { [key]: own } }),
      });
      queries.setQueryData(query.queryKey, answer);
      // What holds for all shows in each repository too.
      if (repository === null) void queries.invalidateQueries({ queryKey: ["settings"] });
      return null;
    } catch (failure) {
      const problem = messageOf(failure);
      queries.setQueryData(query.queryKey, before);
      setProblems((all) => ({ ...all, [key]: problem }));
      return problem;
    }
  }

  /** By a note that outlives the room where the reason would stand. */
  async function undo(key: SettingKey, former: unknown, label: string): Promise<void> {
    const problem = await put(key, former);
    if (problem !== null) showError(`${label} could not be taken back: ${problem}`);
  }

  const form: SettingsForm = {
    repository,
    scope,
    preset: data?.preset ?? [],
    find: (key) => (data ? findSetting(data.settings, key) : null),
    problemOf: (key) => problems[key] ?? null,
    change: async (key, own, label) => {
      const setting = form.find(key);
      const former = setting ? ownValue(setting, scope) : undefined;
      if ((await put(key, own)) !== null) return false;
      const text = own === undefined ? `${label}: taken back` : `${label}: saved`;
      showToast({
        text,
        about: `${repository ?? scope} ${key}`,
        action: { label: "Undo", run: () => void undo(key, former, label) },
      });
      return true;
    },
  };
  if (error) return <RetryMessage title="The settings could not be read" error={error} onRetry={refetch} />;
  return (
    <Context value={form}>
      {!data && <Waiting words="Reading the settings…" className="pb-3" />}
      {children}
    </Context>
  );
}

function withChange(
  answer: SettingsAnswer,
  { key, scope, own }: { key: SettingKey; scope: SettingScope; own: unknown },
): SettingsAnswer {
  return {
    ...answer,
    settings: answer.settings.map((setting) => (setting.key === key ? withOwn(setting, scope, own) : setting)),
  };
}
