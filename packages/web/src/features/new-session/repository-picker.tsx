import type { Repository } from "@background-agents/shared/repositories/repository";
import { FolderGit2 } from "lucide-react";
import type { ReactNode } from "react";
import { shortPath } from "../../lib/format.ts";
import { Chip } from "../../ui/chip.tsx";
import { Picker } from "../../ui/picker.tsx";

export function RepositoryPicker({
  repositories,
  repository,
  onPick,
  footer,
}: {
  repositories: readonly Repository[];
  repository: Repository | null;
  onPick: (id: string) => void;
  footer: (close: () => void) => ReactNode;
}) {
  return (
    <Picker
      placeholder="Search repositories"
      empty="No repository by that name"
      value={repository?.id ?? null}
      options={repositories.map(({ id, name, path, problem }) => ({
        value: id,
        label: name,
        detail: problem ?? shortPath(path),
        disabled: problem !== null,
        keywords: [path],
      }))}
      onPick={onPick}
      footer={footer}
      trigger={
        <Chip
          icon={<FolderGit2 size={14} />}
          aria-label={`Repository: ${repository?.name ?? "none"}`}
          className="max-w-56 text-ink"
        >
          {repository?.name ?? "Choose a repository"}
        </Chip>
      }
    />
  );
}
