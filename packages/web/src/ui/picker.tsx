"use client";

import { Command } from "cmdk";
import { Check } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cn } from "../lib/class-names.ts";
import { useLayer } from "./layer.ts";

export interface PickerOption {
  value: string;
  label: string;
  /** A second line: a path, a reason. */
  detail?: string;
  /** Words at the end of the line. */
  note?: string;
  disabled?: boolean;
  group?: string;
  /** More words that find it. */
  keywords?: string[];
}

/** Chooses one of many, with search. `trigger` is a button; `footer` may hold further actions. */
export function Picker({
  trigger,
  options,
  value,
  onPick,
  placeholder,
  empty = "Nothing found",
  typed,
  footer,
}: {
  trigger: ReactNode;
  options: readonly PickerOption[];
  value: string | null;
  onPick: (value: string) => void;
  placeholder: string;
  empty?: ReactNode;
  /** One more option made of what was typed; null for none. */
  typed?: (text: string) => PickerOption | null;
  footer?: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const container = useLayer();
  const groups = groupOptions(options);
  const own = typed?.(text) ?? null;
  const close = () => setOpen(false);
  const pick = (picked: string) => {
    onPick(picked);
    close();
  };
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setText("");
        setOpen(next);
      }}
    >
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal container={container}>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-40 w-[min(22rem,calc(100vw-1rem))] animate-rise overflow-hidden rounded-lg bg-raise shadow-float outline-none"
        >
          <Command {...(value ? { defaultValue: value } : {})} loop>
            <Command.Input
              autoFocus
              placeholder={placeholder}
              onValueChange={setText}
              className="h-9 w-full border-b bg-transparent px-3 text-sm outline-none"
            />
            <Command.List className="scroll-quiet max-h-72 scroll-py-1 overflow-y-auto p-1">
              {!own && <Command.Empty className="px-2 py-3 text-ink-3">{empty}</Command.Empty>}
              {[...groups].map(([group, members]) => (
                <Command.Group
                  key={group}
                  {...(group ? { heading: group } : {})}
                  className="**:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-2xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-ink-3"
                >
                  {members.map((option) => (
                    <PickerRow
                      key={option.value}
                      option={option}
                      chosen={option.value === value}
                      onSelect={() => pick(option.value)}
                    />
                  ))}
                </Command.Group>
              ))}
              {own && (
                // There from the first moment on, so that it is the one that Enter picks.
                <PickerRow forceMount option={own} chosen={own.value === value} onSelect={() => pick(own.value)} />
              )}
            </Command.List>
          </Command>
          {footer && <div className="border-t p-1">{footer(close)}</div>}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function PickerRow({
  option,
  chosen,
  onSelect,
  forceMount = false,
}: {
  option: PickerOption;
  chosen: boolean;
  onSelect: () => void;
  forceMount?: boolean;
}) {
  return (
    <Command.Item
      forceMount={forceMount}
      value={option.value}
      keywords={[option.label, option.detail ?? "", ...(option.keywords ?? [])]}
      disabled={option.disabled ?? false}
      onSelect={onSelect}
      className="grid cursor-pointer grid-cols-[14px_minmax(0,1fr)_auto] items-baseline gap-x-2 rounded-sm px-2 py-1 data-[disabled=true]:cursor-default data-[selected=true]:bg-hover"
    >
      <Check size={13} aria-hidden className={cn("self-center", !chosen && "invisible")} />
      <span className={cn("truncate", option.disabled && "text-ink-3")}>{option.label}</span>
      {option.note ? <span className="text-xs text-ink-3">{option.note}</span> : <span />}
      {option.detail && <span className="col-start-2 col-end-4 text-xs break-words text-ink-3">{option.detail}</span>}
    </Command.Item>
  );
}

function groupOptions(options: readonly PickerOption[]): Map<string, PickerOption[]> {
  const groups = new Map<string, PickerOption[]>();
  for (const option of options) groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), option]);
  return groups;
}
