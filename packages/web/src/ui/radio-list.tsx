import type { ReactNode } from "react";
import { cn } from "../lib/class-names.ts";

/** One of a few, each with a sentence on what it means. */
export function RadioList<T extends string>({
  label,
  name,
  value,
  options,
  onChange,
  aside,
}: {
  label: ReactNode;
  /** Where the value comes from. */
  aside?: ReactNode;
  name: string;
  value: T;
  options: readonly { value: T; label: ReactNode; detail: ReactNode; disabled?: boolean }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="min-w-0">
      <legend className="flex flex-wrap items-baseline gap-x-2.5 pb-1 text-ink-2">
        {label}
        {aside && <span className="text-2xs text-ink-3">{aside}</span>}
      </legend>
      <div className="-mx-2 flex flex-col">
        {options.map((option) => (
          <label
            key={option.value}
            className={cn(
              "flex cursor-pointer items-baseline gap-2.5 rounded-md px-2 py-1 max-md:py-2",
              option.value === value ? "bg-sunk" : "hover:bg-hover",
              option.disabled && "cursor-default opacity-60",
            )}
          >
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              disabled={option.disabled ?? false}
              onChange={() => onChange(option.value)}
              className="size-3.5 shrink-0 translate-y-0.5 accent-accent"
            />
            <span className="min-w-0">
              <span className={cn(option.value === value && "font-medium")}>{option.label}</span>
              <span className="block text-xs text-ink-2">{option.detail}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Yes or no, with a sentence. */
export function CheckField({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
}) {
  return (
    <label className="flex cursor-pointer items-baseline gap-2.5">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-3.5 shrink-0 translate-y-0.5 accent-accent"
      />
      <span className="min-w-0">{children}</span>
    </label>
  );
}
