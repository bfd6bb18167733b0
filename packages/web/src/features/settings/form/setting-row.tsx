"use client";

import type { SettingKey, SettingValue } from "@background-agents/shared/settings/settings";
import { type ReactNode, useId } from "react";
import { cn } from "../../../lib/class-names.ts";
import { ownValue, type ShownSetting } from "../../../lib/setting-value.ts";
import { Provenance } from "./provenance.tsx";
import { useSettings } from "./use-settings.tsx";

export interface SettingControl<K extends SettingKey> {
  setting: ShownSetting<K>;
  /** What is set here; undefined where nothing is. */
  own: SettingValue<K> | undefined;
  save: (value: SettingValue<K>) => Promise<boolean>;
}

/**
 * One setting: what it is, where its value comes from, its control, and what the server had against the last change.
 * Nothing where it cannot be set in this scope.
 */
export function SettingRow<K extends SettingKey>({
  name,
  label,
  help,
  wide = false,
  children,
}: {
  name: K;
  label: string;
  help?: ReactNode;
  /** The control stands under the words, over the whole width. */
  wide?: boolean;
  children: (control: SettingControl<K>) => ReactNode;
}) {
  const form = useSettings();
  const id = useId();
  const setting = form.find(name);
  if (!setting) return null;
  const own = ownValue(setting, form.scope);
  const problem = form.problemOf(name);
  return (
    <section
      aria-labelledby={id}
      className={cn("grid gap-x-8 gap-y-2 border-b py-4", !wide && "lg:grid-cols-[13rem_minmax(0,1fr)]")}
    >
      <div className="min-w-0">
        <div className="flex flex-wrap items-baseline gap-x-2.5">
          <h2 id={id} className="font-medium">
            {label}
          </h2>
          <Provenance
            setting={setting}
            scope={form.scope}
            onTakeBack={own === undefined ? null : () => void form.change(name, undefined, label)}
          />
        </div>
        {help && <div className="pt-0.5 text-xs text-ink-2">{help}</div>}
      </div>
      <div className="min-w-0">
        {children({ setting, own, save: (value) => form.change(name, value, label) })}
        {problem && (
          <p role="alert" className="pt-1.5 break-words whitespace-pre-wrap text-fail">
            {problem}
          </p>
        )}
      </div>
    </section>
  );
}
