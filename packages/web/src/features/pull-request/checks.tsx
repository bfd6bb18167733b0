import type { CheckState, PullRequestCheck } from "@background-agents/shared/pull-requests/pull-request";
import { CircleCheck, CircleDashed, CircleSlash, CircleX } from "lucide-react";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { CheckField } from "../../ui/radio-list.tsx";

const LOOK: Record<CheckState, { Icon: typeof CircleCheck; className: string; order: number }> = {
  failed: { Icon: CircleX, className: "text-fail", order: 0 },
  pending: { Icon: CircleDashed, className: "text-accent", order: 1 },
  passed: { Icon: CircleCheck, className: "text-good", order: 2 },
  skipped: { Icon: CircleSlash, className: "text-ink-3", order: 3 },
};

/** The checks, those that failed first; all of these can go to the agent, with the ends of their logs. */
export function Checks({
  checks,
  chosen,
  onChoose,
}: {
  checks: readonly PullRequestCheck[];
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
}) {
  if (checks.length === 0) return null;
  const hasFailed = checks.some(({ state }) => state === "failed");
  return (
    <section aria-label="Checks" className="border-b px-4 py-3">
      <div className="flex items-baseline gap-3 pb-1">
        <h3 className="text-2xs font-medium tracking-wide text-ink-3">Checks</h3>
        {hasFailed && (
          <span className="ml-auto text-xs">
            <CheckField checked={chosen} onChange={onChoose}>
              Failed ones to the agent
            </CheckField>
          </span>
        )}
      </div>
      <ul>
        {checks
          .toSorted((a, b) => LOOK[a.state].order - LOOK[b.state].order)
          .map(({ name, state, url }, at) => {
            const { Icon, className } = LOOK[state];
            return (
              // oxlint-disable-next-line react/no-array-index-key -- two checks can have one name
              <li key={`${name}-${at}`} className="flex items-center gap-2 py-0.5">
                <Icon size={14} className={`shrink-0 ${className}`} aria-label={state} />
                <OutsideLink href={url} className="min-w-0 truncate text-ink">
                  {name}
                </OutsideLink>
                <span className="ml-auto text-xs text-ink-3">{state}</span>
              </li>
            );
          })}
      </ul>
    </section>
  );
}
