import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { permissionWords } from "@background-agents/shared/sessions/permission-words";
import { ShieldCheck, ShieldX } from "lucide-react";
import { Fragment } from "react";

type PermissionEntry = Extract<TimelineEntry, { kind: "permission" }>;

const REPLY_WORDS = { once: "Allowed once", always: "Always allowed", reject: "Not allowed" };

/** What the agent wanted to be allowed, and the reply. While it waits, the card below asks; here is nothing yet. */
export function PermissionLine({ asked, over }: { asked: PermissionEntry; over: boolean }) {
  const { permission, patterns, reply, message } = asked;
  if (reply === null && !over) return null;
  const Icon = reply === "once" || reply === "always" ? ShieldCheck : ShieldX;
  return (
    <p className="flex gap-2.5 py-1 text-ink-2">
      <Icon size={15} className="mt-0.5 shrink-0 text-ink-3" aria-hidden />
      <span className="min-w-0 break-words">
        {reply === null ? "Asked without an answer" : REPLY_WORDS[reply]}: {permissionWords(permission)}{" "}
        {patterns.map((pattern, at) => (
          <Fragment key={pattern}>
            {at > 0 && ", "}
            <code className="text-code break-all">{pattern}</code>
          </Fragment>
        ))}
        {message && <span className="text-ink-3"> · {message}</span>}
      </span>
    </p>
  );
}
