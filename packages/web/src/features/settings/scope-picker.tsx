import type { Repository } from "@background-agents/shared/repositories/repository";
import { ChevronDown } from "lucide-react";
import { Button } from "../../ui/button.tsx";
import { Picker } from "../../ui/picker.tsx";

const ALL = "all";

/** Whether what is set holds for all repositories or for one. */
export function ScopePicker({
  repositories,
  repository,
  onPick,
}: {
  repositories: readonly Repository[];
  repository: Repository | null;
  onPick: (repository: string | null) => void;
}) {
  const words = repository?.name ?? "All repositories";
  return (
    <div className="flex items-center gap-2">
      <span className="text-ink-3">for</span>
      <Picker
        placeholder="Search repositories"
        value={repository?.id ?? ALL}
        onPick={(value) => onPick(value === ALL ? null : value)}
        options={[
          { value: ALL, label: "All repositories", detail: "Unless a repository says otherwise" },
          ...repositories.map(({ id, name, path }) => ({ value: id, label: name, detail: path })),
        ]}
        trigger={
          <Button aria-label={`Settings for: ${words}`}>
            <span className="max-w-56 truncate">{words}</span>
            <ChevronDown size={13} className="text-ink-3" aria-hidden />
          </Button>
        }
      />
    </div>
  );
}
