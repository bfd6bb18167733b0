import type { BlockedHost, EgressScope } from "@background-agents/shared/egress/network";
import { X } from "lucide-react";
import { refusalReason } from "../../lib/refusal-reason.ts";
import { Button } from "../../ui/button.tsx";
import { Tooltip } from "../../ui/tooltip.tsx";

const SCOPES: { scope: EgressScope; label: string; hint: string }[] = [
  { scope: "once", label: "Allow once", hint: "Until the turn ends" },
  { scope: "session", label: "This session", hint: "As long as the session lives" },
  { scope: "repository", label: "This repository", hint: "Every session of the repository, from here on" },
];

/** One refused host: why, how often, and what to do about it. */
export function BlockedHostRow({
  blocked: { host, port, reason, times, allowable },
  disabled,
  onAnswer,
}: {
  blocked: BlockedHost;
  disabled: boolean;
  onAnswer: (allow: EgressScope | null) => void;
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b py-2 last:border-b-0">
      <p className="min-w-44 flex-1 break-words">
        <code className="text-code font-medium break-all">
          {host}
          {port !== 443 && port !== 0 && `:${port}`}
        </code>
        <span className="text-ink-2">
          {times > 1 && ` × ${times}`} · {refusalReason({ host, reason })}
        </span>
      </p>
      <div className="flex flex-wrap gap-1">
        {allowable &&
          SCOPES.map(({ scope, label, hint }) => (
            <Tooltip key={scope} text={hint}>
              <Button size="sm" disabled={disabled} aria-label={`${label}: ${host}`} onClick={() => onAnswer(scope)}>
                {label}
              </Button>
            </Tooltip>
          ))}
        <Button
          look="quiet"
          size="icon"
          className="size-6"
          disabled={disabled}
          aria-label={`Put ${host} away`}
          title="Put away"
          onClick={() => onAnswer(null)}
        >
          <X size={13} />
        </Button>
      </div>
    </li>
  );
}
