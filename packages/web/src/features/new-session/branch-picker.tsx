"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useQuery } from "@tanstack/react-query";
import { GitBranch } from "lucide-react";
import { branchesQuery } from "../../api/queries.ts";
import { formatAge } from "../../lib/format.ts";
import { Chip } from "../../ui/chip.tsx";
import { Picker } from "../../ui/picker.tsx";

/** The branch the work starts from; the repository's own default where none is chosen. */
export function BranchPicker({
  repository,
  branch,
  onPick,
}: {
  repository: Repository;
  branch: string | null;
  onPick: (branch: string) => void;
}) {
  const { data, isError } = useQuery(branchesQuery(repository.id));
  const current = branch ?? data?.defaultBranch ?? repository.defaultBranch;
  const now = Date.now();
  return (
    <Picker
      placeholder="Search branches"
      empty={isError ? "The branches could not be read" : "No branch by that name"}
      value={current}
      options={(data?.branches ?? []).map(({ name, subject, committedAt }) => ({
        value: name,
        label: name,
        detail: subject,
        note: formatAge(committedAt, now),
      }))}
      onPick={onPick}
      trigger={
        <Chip icon={<GitBranch size={14} />} aria-label={`Base branch: ${current ?? "none"}`} className="max-w-44">
          {current ?? "branch"}
        </Chip>
      }
    />
  );
}
