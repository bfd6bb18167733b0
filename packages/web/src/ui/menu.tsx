import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../lib/class-names.ts";
import { useLayer } from "./layer.ts";

export function Menu({
  trigger,
  children,
  align = "end",
  defaultOpen = false,
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  /** Open from the first, for a menu that comes into being when it is asked for. */
  defaultOpen?: boolean;
}) {
  return (
    <Radix.Root modal={false} defaultOpen={defaultOpen}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal container={useLayer()}>
        <Radix.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-40 min-w-44 animate-rise rounded-lg bg-raise p-1 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({
  icon,
  children,
  hint,
  detail,
  danger = false,
  disabled = false,
  onSelect,
}: {
  icon?: ReactNode;
  children: ReactNode;
  hint?: ReactNode;
  /** A second line: what it does, or why it cannot. */
  detail?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
}) {
  return (
    <Radix.Item
      onSelect={onSelect}
      disabled={disabled}
      className={cn(
        "flex min-h-7 cursor-pointer items-baseline gap-2 rounded-sm px-2 py-1 text-sm outline-none data-disabled:cursor-default data-disabled:text-ink-3 data-highlighted:bg-hover max-md:py-2",
        danger && "text-fail",
      )}
    >
      {icon && <span className={cn("translate-y-0.5 text-ink-3", danger && "text-fail")}>{icon}</span>}
      <span className="min-w-0 flex-1">
        {children}
        {detail && <span className="block max-w-64 text-xs text-ink-3">{detail}</span>}
      </span>
      {hint}
    </Radix.Item>
  );
}

/** Words within a menu that nobody can choose. */
export function MenuNote({ children }: { children: ReactNode }) {
  return <Radix.Label className="max-w-72 px-2 pt-1 pb-1.5 text-xs font-normal text-ink-2">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
