"use client";

import type { SettingKey, SettingValue } from "@background-agents/shared/settings/settings";
import type { ReactNode } from "react";
import { RadioList } from "../../../ui/radio-list.tsx";
import { SettingRow } from "./setting-row.tsx";

type ChoiceKey = "network.mode" | "permissions.mode" | "git.publishMode" | "git.agentPush" | "git.credentials";

/** One of a few, saved as soon as it is chosen. */
export function ChoiceRow<K extends ChoiceKey>({
  name,
  label,
  help,
  options,
  after,
}: {
  name: K;
  label: string;
  help?: ReactNode;
  options: readonly { value: SettingValue<K>; label: ReactNode; detail: ReactNode }[];
  /** What is to be said of a choice. */
  after?: (value: SettingValue<K>) => ReactNode;
}) {
  return (
    <SettingRow<SettingKey & K> name={name} label={label} help={help}>
      {({ setting, save }) => (
        <>
          <RadioList
            label={<span className="sr-only">{label}</span>}
            name={name}
            value={setting.value}
            options={options}
            onChange={(value) => void save(value)}
          />
          {after?.(setting.value)}
        </>
      )}
    </SettingRow>
  );
}
