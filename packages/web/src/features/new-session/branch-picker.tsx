"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useQuery } from "@tanstack/react-query";
import { GitBranch, GitCommitHorizontal, Tag } from "lucide-react";
import { branchesQuery } from "../../api/queries.ts";
import { formatAge } from "../../lib/format.ts";
import { Chip } from "../../ui/chip.tsx";
import { Picker, type PickerOption } from "../../ui/picker.tsx";
import { baseFromText, baseWords } from "./base-words.ts";

/** Where the work starts from: a branch, a tag, or a commit that is typed; the repository's own default where none is chosen. */
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
  const isTag = current !== null && (data?.tags.includes(current) ?? false);
  const isCommit = current !== null && !isTag && baseFromText(current) !== null;
  const Icon = isTag ? Tag : isCommit ? GitCommitHorizontal : GitBranch;
  const commits: PickerOption[] = isCommit
    ? [{ value: current, label: `Commit ${baseWords(current)}`, group: "Commit" }]
    : [];
  const branches: PickerOption[] = (data?.branches ?? []).map(({ name, subject, committedAt }) => ({
    value: name,
    label: name,
    group: "Branches",
    detail: subject,
    note: formatAge(committedAt, now),
  }));
  const tags: PickerOption[] = (data?.tags ?? [])
    .filter((tag) => !branches.some(({ value }) => value === tag))
    .map((tag) => ({ value: tag, label: tag, group: "Tags" }));
  return (
    <Picker
      placeholder="A branch, a tag, or a commit id"
      empty={isError ? "The branches could not be read" : "No branch or tag by that name; commits go by their id"}
      value={current}
      options={[...commits, ...branches, ...tags]}
      typed={(text) => {
        const commit = baseFromText(text);
        return commit === null || commit === current
          ? null
          : { value: commit, label: `Commit ${commit}`, detail: "As it stands there, by its id" };
      }}
      onPick={onPick}
      trigger={
        <Chip icon={<Icon size={14} />} aria-label={`Base: ${current ?? "none"}`} className="max-w-44">
          {current === null ? "branch" : baseWords(current)}
        </Chip>
      }
    />
  );
}
