"use client";

import { AGENT_PUSH_OPTIONS, PUBLISH_OPTIONS } from "../../ui/session-options.tsx";
import { ChoiceRow } from "./form/choice-row.tsx";
import { useSettings } from "./form/use-settings.tsx";

/** How work leaves a session, and with whose rights. */
export function GitRoom() {
  const { repository } = useSettings();
  return (
    <div className="border-t">
      <ChoiceRow
        name="git.publishMode"
        label="The session’s branch"
        help="In your repository, agents/…; for new sessions."
        options={PUBLISH_OPTIONS}
      />
      <ChoiceRow
        name="git.agentPush"
        label="Pushes by the agent"
        help="git push and gh pr create inside the sandbox ask the server, which does it; for new sessions."
        options={AGENT_PUSH_OPTIONS}
      />
      <ChoiceRow
        name="git.credentials"
        label="Credentials"
        help="How git reaches remotes from inside; holds from the next start of a sandbox on."
        options={[
          { value: "broker", label: "By way of the server", detail: "No credential is inside. Pushes ask you." },
          { value: "none", label: "Not at all", detail: "Nothing can be pushed or fetched from inside." },
          {
            value: "mount",
            label: "With your own, inside the sandbox",
            detail: "~/.ssh, ~/.gitconfig and ~/.config/gh are mounted, read-only.",
          },
        ]}
        after={(mode) =>
          mode === "mount" && (
            <p className="pt-1.5 text-xs text-need">
              The agent can read and use your SSH keys and your gh login, for every repository they open. What the
              server guarantees about pushes does not hold then; each session wears a badge.
            </p>
          )
        }
      />
      {repository !== null && <p className="py-3 text-xs text-ink-3">Credentials are for all repositories together.</p>}
    </div>
  );
}
