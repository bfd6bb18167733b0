import { Picker } from "../../ui/picker.tsx";
import { Chip } from "../../ui/chip.tsx";

/** The branch that the work is to go into. */
export function BaseField({
  bases,
  base,
  onChange,
}: {
  bases: readonly string[];
  base: string;
  onChange: (base: string) => void;
}) {
  return (
    <span className="flex items-center gap-1">
      <span className="text-ink-2">Into</span>
      <Picker
        placeholder="Search branches"
        empty="No branch by that name"
        value={base}
        options={[...new Set([base, ...bases])].filter(Boolean).map((name) => ({ value: name, label: name }))}
        onPick={onChange}
        trigger={
          <Chip aria-label={`Into: ${base}`} className="max-w-56 text-sm text-ink">
            {base}
          </Chip>
        }
      />
    </span>
  );
}
