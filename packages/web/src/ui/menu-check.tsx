import { Check } from "lucide-react";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/class-names.ts";

/** Something in a menu that is on or off. The menu stays open. */
export function MenuCheck({
  checked,
  onChange,
  hint,
  children,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className="flex min-h-7 cursor-pointer items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none data-highlighted:bg-hover max-md:py-2"
    >
      <Check size={13} aria-hidden className={cn("text-ink-2", !checked && "invisible")} />
      <span className="flex-1">{children}</span>
      {hint}
    </Radix.CheckboxItem>
  );
}
