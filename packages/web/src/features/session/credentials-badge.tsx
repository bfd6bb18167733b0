"use client";

import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { healthQuery } from "../../api/queries.ts";
import { Tooltip } from "../../ui/tooltip.tsx";

/** Shown where the server mounts the user's git credentials into sandboxes: the agent can use and read them. */
export function CredentialsBadge() {
  const mounted = useQuery(healthQuery).data?.gitCredentials === "mount";
  if (!mounted) return null;
  return (
    <Tooltip text="GIT_CREDENTIALS=mount: the agent can read your SSH keys, git configuration and gh login">
      <span className="flex h-6 items-center gap-1.5 rounded-full bg-need-soft px-2.5 text-xs font-medium whitespace-nowrap text-need">
        <KeyRound size={12} aria-hidden />
        <span className="max-lg:sr-only">your keys inside</span>
      </span>
    </Tooltip>
  );
}
