import type { RemoteChoice } from "@background-agents/shared/protocol/publish-commands";
import { RadioList } from "../../ui/radio-list.tsx";

/** Where to: a line of text where there is one remote, a choice where there are several. */
export function RemoteField({
  remotes,
  remote,
  onChange,
}: {
  remotes: readonly RemoteChoice[];
  remote: string | null;
  onChange: (remote: string) => void;
}) {
  const [only, ...others] = remotes;
  if (!only) return null;
  if (others.length === 0) {
    return (
      <p className="min-w-0">
        <span className="text-ink-2">To </span>
        {only.name} <code className="text-code break-all text-ink-2">{only.url}</code>
      </p>
    );
  }
  return (
    <RadioList
      label="To"
      name="remote"
      value={remote ?? ""}
      onChange={onChange}
      options={remotes.map(({ name, url }) => ({
        value: name,
        label: name,
        detail: <code className="break-all">{url}</code>,
      }))}
    />
  );
}
