"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { Globe, KeyRound, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "../../lib/class-names.ts";
import { plural } from "../../lib/format.ts";
import { areMany } from "../../ui/name-list.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";

/** What of the session's walls is not as usual: an open network, none at all, secrets inside. */
export function GuardBadges({ session: { networkMode, secretNames } }: { session: Session }) {
  return (
    <>
      {networkMode === "open" && (
        <Badge warns icon={<Globe size={12} />} hint="The sandbox may reach every public host">
          open network
        </Badge>
      )}
      {networkMode === "none" && (
        <Badge icon={<Unplug size={12} />} hint="The sandbox reaches nothing but the model, by way of the server">
          no network
        </Badge>
      )}
      {secretNames.length > 0 && (
        <Badge
          icon={<KeyRound size={12} />}
          hint={
            areMany(secretNames)
              ? "The agent can read them; Logs names them"
              : `The agent can read ${secretNames.join(", ")}`
          }
        >
          {plural(secretNames.length, "secret")}
        </Badge>
      )}
    </>
  );
}

function Badge({
  icon,
  hint,
  warns = false,
  children,
}: {
  icon: ReactNode;
  hint: string;
  warns?: boolean;
  children: ReactNode;
}) {
  return (
    <Tooltip text={hint}>
      <span
        className={cn(
          "h-6 items-center gap-1.5 rounded-full text-xs whitespace-nowrap",
          warns ? "flex bg-need-soft px-2.5 font-medium text-need" : "hidden text-ink-2 md:flex",
        )}
      >
        <span aria-hidden>{icon}</span>
        <span className="max-lg:sr-only">{children}</span>
      </span>
    </Tooltip>
  );
}
