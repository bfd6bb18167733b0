import type { PullRequestRemark } from "@background-agents/shared/pull-requests/pull-request";
import { formatAge } from "../../lib/format.ts";
import { Markdown } from "../../ui/markdown.tsx";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { useNow } from "../../ui/use-now.ts";

const VERDICT_WORDS = {
  approved: { words: "approved", look: "text-good" },
  "changes-requested": { words: "requested changes", look: "text-need" },
  commented: { words: "commented", look: "text-ink-2" },
};

/** What people said about it, oldest first; those that are chosen go to the agent. */
export function Remarks({
  remarks,
  chosen,
  onChoose,
}: {
  remarks: readonly PullRequestRemark[];
  chosen: readonly string[];
  onChoose: (ids: readonly string[]) => void;
}) {
  if (remarks.length === 0) return <p className="px-4 py-3 text-ink-3">Nobody has said anything about it yet.</p>;
  const all = remarks.map(({ id }) => id);
  const isWhole = chosen.length === all.length;
  return (
    <section aria-label="Remarks" className="px-4 py-3">
      <div className="flex items-baseline gap-3 pb-1">
        <h3 className="text-2xs font-medium tracking-wide text-ink-3">Remarks</h3>
        <button
          type="button"
          onClick={() => onChoose(isWhole ? [] : all)}
          className="ml-auto text-xs text-ink-3 hover:text-ink hover:underline"
        >
          {isWhole ? "Choose none" : "Choose all"}
        </button>
      </div>
      <ul className="divide-y">
        {remarks
          .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
          .map((remark) => (
            <Remark
              key={remark.id}
              remark={remark}
              chosen={chosen.includes(remark.id)}
              onChoose={(choose) =>
                onChoose(choose ? [...chosen, remark.id] : chosen.filter((other) => other !== remark.id))
              }
            />
          ))}
      </ul>
    </section>
  );
}

function Remark({
  remark,
  chosen,
  onChoose,
}: {
  remark: PullRequestRemark;
  chosen: boolean;
  onChoose: (chosen: boolean) => void;
}) {
  const now = useNow(60_000);
  const { author, body, path, line, verdict, url, createdAt } = remark;
  const said = verdict && VERDICT_WORDS[verdict];
  return (
    <li className="grid grid-cols-[14px_minmax(0,1fr)] gap-x-2.5 py-2.5">
      <input
        type="checkbox"
        aria-label={`Send what ${author} said to the agent`}
        checked={chosen}
        onChange={(event) => onChoose(event.target.checked)}
        className="mt-[3px] size-3.5 accent-accent"
      />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{author}</span>
          {said && <span className={said.look}>{said.words}</span>}
          {path && (
            <code className="text-xs break-all text-ink-2">
              {path}
              {line !== null && `:${line}`}
            </code>
          )}
          <span className="ml-auto text-xs text-ink-3">
            <OutsideLink href={url} className="text-ink-3">
              {Number.isNaN(Date.parse(createdAt)) ? "link" : formatAge(createdAt, now)}
            </OutsideLink>
          </span>
        </p>
        {body.trim() !== "" && <Markdown text={body} />}
      </div>
    </li>
  );
}
