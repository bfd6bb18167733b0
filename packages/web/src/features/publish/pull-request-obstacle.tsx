import type { RemoteChoice } from "@background-agents/shared/protocol/publish-commands";
import type { ReactNode } from "react";
import { openSessionDialog } from "../../api/session-dialog.ts";
import { OutsideLink } from "../../ui/outside-link.tsx";

/** Nothing where `gh` can open a pull request on the remote's host; else why not, and the ways that are left. */
export function GhProblem({ place: { name, gh, compareUrl } }: { place: RemoteChoice }) {
  if (!gh || gh.status === "ok") return null;
  return (
    <Obstacle
      title={gh.status === "missing" ? "gh is not installed on this machine" : `gh is not logged in to ${gh.host}`}
    >
      <p>{gh.advice ?? "Pull requests are opened with it."}</p>
      {compareUrl && (
        <p className="pt-1">
          Or <PushLink remote={name}>push</PushLink>, and{" "}
          <OutsideLink href={compareUrl}>open it on the web</OutsideLink>
        </p>
      )}
    </Obstacle>
  );
}

/** For a repository of which no remote takes pull requests by way of `gh`: why, and what can be done instead. */
export function NoPlace({ remotes }: { remotes: readonly RemoteChoice[] }) {
  if (remotes.length === 0) {
    return (
      <Obstacle title="No remote that takes pull requests">
        <p>
          The repository has no remote. Add one in it with <code className="text-code">git remote add origin …</code>,
          then come back.
        </p>
      </Obstacle>
    );
  }
  const hosts = new Map(remotes.flatMap(({ gh }) => (gh && gh.status !== "ok" ? [[gh.host, gh.advice] as const] : [])));
  const pages = remotes.filter(({ compareUrl }) => compareUrl !== null);
  return (
    <Obstacle title="No remote that takes pull requests from here">
      <p>
        None of the repository’s remotes is on GitHub, as far as gh on this machine knows. The work can still be{" "}
        <PushLink remote={pages[0]?.name}>pushed</PushLink>.
      </p>
      {pages.map(({ name, compareUrl }) => (
        <p key={name} className="pt-1">
          Once it is on {name}, <OutsideLink href={compareUrl}>open the pull request on the web</OutsideLink>
        </p>
      ))}
      {[...hosts].map(([host, advice]) => (
        <p key={host} className="pt-1">
          If {host} is a GitHub Enterprise server: {advice}
        </p>
      ))}
    </Obstacle>
  );
}

function Obstacle({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-lg bg-need-soft px-3.5 py-2.5">
      <p className="font-medium text-need">{title}</p>
      {children}
    </section>
  );
}

/** To the remote on whose page the pull request is then opened. */
function PushLink({ remote, children }: { remote: string | undefined; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={() => openSessionDialog({ kind: "push", ...(remote === undefined ? {} : { remote }) })}
      className="text-accent underline underline-offset-2"
    >
      {children}
    </button>
  );
}
