import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useLayer } from "./layer.ts";

export const TooltipProvider = Radix.Provider;

/** Words for something that shows only a shape, or the whole of something cut off. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={useLayer()}>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 animate-rise rounded-md bg-ink px-2 py-1 text-xs text-paper"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
