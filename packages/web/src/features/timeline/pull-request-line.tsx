import type { PullRequestNews } from "@background-agents/shared/sessions/pull-request-news";
import type { TimelineEntry } from "@background-agents/shared/sessions/timeline";
import { GitPullRequest } from "lucide-react";
import { sendTo } from "../../api/session-room.ts";
import { plural } from "../../lib/format.ts";
import { cn } from "../../lib/class-names.ts";

type PullRequestEntry = Extract<TimelineEntry, { kind: "pull-request" }>;

/** `Pull request #12: 2 checks failed, 1 new remark · Show`. */
export function PullRequestLine({ entry: { number, news } }: { entry: PullRequestEntry }) {
  const bad = news.some(({ what }) => what === "checks-failed" || what === "changes-requested");
  return (
    <p className={cn("flex gap-2.5 py-1", bad ? "text-need" : "text-ink-2")}>
      <GitPullRequest size={15} className="mt-0.5 shrink-0 opacity-80" aria-hidden />
      <span className="min-w-0 break-words">
        Pull request #{number}: {news.map(newsWords).join(", ")}
        {" · "}
        <button
          type="button"
          onClick={() => sendTo("pull-request")}
          className="text-accent underline-offset-2 hover:underline"
        >
          Show
        </button>
      </span>
    </p>
  );
}

function newsWords(news: PullRequestNews): string {
  switch (news.what) {
    case "opened":
      return "open";
    case "reopened":
      return "open again";
    case "merged":
      return "merged";
    case "closed":
      return "closed";
    case "approved":
      return "approved";
    case "changes-requested":
      return "changes requested";
    case "checks-passed":
      return "checks passed";
    case "checks-failed":
      return `${plural(news.count, "check")} failed`;
    case "remarks":
      return plural(news.count, "new remark");
  }
}
