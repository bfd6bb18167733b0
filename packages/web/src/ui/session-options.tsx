import type { NetworkMode } from "@background-agents/shared/egress/network";
import type { AgentPush } from "@background-agents/shared/sessions/approval";
import type { SettingKey } from "@background-agents/shared/settings/settings";
import type { PermissionMode, PublishMode } from "@background-agents/shared/sessions/session";
import type { ReactNode } from "react";
import { NETWORK_OPTIONS } from "../lib/network-words.ts";
import { RadioList } from "./radio-list.tsx";

export interface SessionOptions {
  permissionMode: PermissionMode;
  publishMode: PublishMode;
  agentPush: AgentPush;
  networkMode: NetworkMode;
}

/** What holds where nobody says otherwise. */
export const DEFAULT_OPTIONS: SessionOptions = {
  permissionMode: "auto",
  publishMode: "auto",
  agentPush: "ask",
  networkMode: "allowlist",
};

/** The setting that each has at the session's beginning. */
export const OPTION_SETTINGS = {
  permissionMode: "permissions.mode",
  publishMode: "git.publishMode",
  agentPush: "git.agentPush",
  networkMode: "network.mode",
} as const satisfies Record<keyof SessionOptions, SettingKey>;

export const PERMISSION_WORDS: Record<PermissionMode, string> = {
  auto: "works freely",
  ask: "asks first",
  plan: "plans only",
};

export const PERMISSION_OPTIONS = [
  { value: "auto", label: "Works freely", detail: "Everything inside its sandbox, without asking." },
  { value: "ask", label: "Asks first", detail: "Before it edits a file or runs a command." },
  { value: "plan", label: "Plans only", detail: "Reads and answers; changes nothing." },
] as const;

export const PUBLISH_OPTIONS = [
  { value: "auto", label: "Follows after each turn", detail: "Your own commits on it are never overwritten." },
  { value: "manual", label: "Only when you publish", detail: "Until then the work stays with the session." },
] as const;

const AGENT_PUSH_AUTO =
  "Its own branch only, never the base branch. Files that tools execute go out unseen, too: the session says so afterwards.";

export const AGENT_PUSH_OPTIONS = [
  { value: "ask", label: "Ask me", detail: "A card in the session shows what would be done." },
  { value: "auto", label: "Let it", detail: AGENT_PUSH_AUTO },
  { value: "never", label: "Refuse", detail: "Pushing stays with you." },
] as const;

/** How a session is run. What the options mean is said beside them. */
export function SessionOptionFields({
  options,
  onChange,
  hosts,
  sources,
}: {
  options: SessionOptions;
  /** Where each value comes from, where that is worth a word. */
  sources?: Partial<Record<keyof SessionOptions, string>> | undefined;
  onChange: (change: Partial<SessionOptions>) => void;
  /** What it may reach besides; stands with the network's mode. */
  hosts?: ReactNode;
}) {
  return (
    <>
      <div>
        <RadioList
          label="The agent"
          aside={sources?.permissionMode}
          name="permission-mode"
          value={options.permissionMode}
          onChange={(permissionMode) => onChange({ permissionMode })}
          options={PERMISSION_OPTIONS}
        />
        <p className="pt-1.5 text-xs text-ink-3">
          This guides an honest agent. What is guaranteed, whatever it does, is the sandbox: your files, keys and
          branches are out of its reach.
        </p>
      </div>
      <RadioList
        label="What it may reach"
        aside={sources?.networkMode}
        name="network-mode"
        value={options.networkMode}
        onChange={(networkMode) => onChange({ networkMode })}
        options={NETWORK_OPTIONS}
      />
      {hosts}
      <RadioList
        label="Its branch in your repository"
        aside={sources?.publishMode}
        name="publish-mode"
        value={options.publishMode}
        onChange={(publishMode) => onChange({ publishMode })}
        options={PUBLISH_OPTIONS}
      />
      <RadioList
        label="When the agent pushes or opens a pull request"
        aside={sources?.agentPush}
        name="agent-push"
        value={options.agentPush}
        onChange={(agentPush) => onChange({ agentPush })}
        options={AGENT_PUSH_OPTIONS}
      />
    </>
  );
}
