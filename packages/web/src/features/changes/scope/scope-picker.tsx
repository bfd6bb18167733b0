import { Chip } from "../../../ui/chip.tsx";
import { Picker } from "../../../ui/picker.tsx";
import type { Scope } from "./build-scopes.ts";

/** Whose changes are shown. */
export function ScopePicker({
  scopes,
  scope,
  onPick,
}: {
  scopes: readonly Scope[];
  scope: Scope;
  onPick: (key: string) => void;
}) {
  return (
    <Picker
      placeholder="Show changes of"
      value={scope.key}
      options={scopes.map(({ key, label, note, group }) => ({ value: key, label, group, ...(note ? { note } : {}) }))}
      onPick={onPick}
      trigger={
        <Chip className="-ml-2 min-w-0 text-ink" aria-label={`Shown: ${scope.label}`}>
          {scope.label}
        </Chip>
      }
    />
  );
}
