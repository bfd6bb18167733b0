"use client";

import { type SettingKey, SETTINGS, type SettingValue } from "@background-agents/shared/settings/settings";
import type { ReactNode } from "react";
import type { z } from "zod";
import { TextField } from "../../../ui/text-field.tsx";
import { DraftForm } from "./draft-form.tsx";
import { SettingRow } from "./setting-row.tsx";

type NumberKey = "sandbox.memoryBytes" | "sandbox.cpus" | "sandbox.diskBytes" | "setup.timeoutMs";

/** A number in a unit of people; `factor` makes the setting's own of it. Empty means no limit where there may be none. */
export function NumberRow<K extends NumberKey>({
  name,
  label,
  help,
  unit,
  factor = 1,
}: {
  name: K;
  label: string;
  help: ReactNode;
  unit: string;
  factor?: number;
}) {
  return (
    <SettingRow name={name} label={label} help={help}>
      {({ setting, save }) => (
        <DraftForm
          name={name}
          initial={shownNumber(setting.value, factor)}
          read={(text) => readNumber(name, text, factor)}
          onSave={(value) => save(value as SettingValue<K>)}
        >
          {(text, setText) => (
            <span className="flex items-center gap-2">
              <TextField
                aria-label={`${label}, ${unit}`}
                inputMode="decimal"
                value={text}
                placeholder={isNullable(name) ? "no limit" : ""}
                onChange={(event) => setText(event.target.value)}
                className="w-28"
              />
              <span className="text-ink-2">{unit}</span>
            </span>
          )}
        </DraftForm>
      )}
    </SettingRow>
  );
}

function shownNumber(value: number | null, factor: number): string {
  return value === null ? "" : String(Math.round((value / factor) * 100) / 100);
}

function isNullable(key: SettingKey): boolean {
  return SETTINGS[key].schema.safeParse(null).success;
}

/** Pure: what was written, as the setting takes it. */
export function readNumber(
  key: NumberKey,
  text: string,
  factor: number,
): { value: number | null } | { problem: string } {
  const written = text.trim().replace(",", ".");
  if (written === "" && isNullable(key)) return { value: null };
  const amount = Number(written);
  if (written === "" || !Number.isFinite(amount)) return { problem: "Write a number." };
  const value = factor === 1 ? amount : Math.round(amount * factor);
  const parsed = SETTINGS[key].schema.safeParse(value);
  return parsed.success ? { value } : { problem: limitWords(parsed.error, { factor, nullable: isNullable(key) }) };
}

function limitWords({ issues }: z.ZodError, { factor, nullable }: { factor: number; nullable: boolean }): string {
  const inUnit = (limit: number | bigint) => (Number(limit) / factor).toLocaleString("en", { useGrouping: false });
  const orNone = nullable ? " Leave it empty for no limit." : "";
  const [issue] = issues;
  if (issue?.code === "too_small") {
    return (
      (issue.inclusive ? `The least is ${inUnit(issue.minimum)}.` : `It must be more than ${inUnit(issue.minimum)}.`) +
      orNone
    );
  }
  // A number beyond all integers is over two limits: the setting's own is the smaller one.
  const most = issues.flatMap((one) => (one.code === "too_big" ? [Number(one.maximum)] : []));
  if (most.length > 0) return `The most is ${inUnit(Math.min(...most))}.${orNone}`;
  return issue?.message ?? "This number cannot be used.";
}
