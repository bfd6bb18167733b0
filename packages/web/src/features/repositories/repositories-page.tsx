"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { repositoriesQuery } from "../../api/queries.ts";
import { forgetRepository } from "../../api/repositories-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { Message } from "../../ui/message.tsx";
import { RetryMessage } from "../../ui/retry-message.tsx";
import { PageFrame } from "../../ui/page-frame.tsx";
import { showError } from "../../ui/toast.tsx";
import { Waiting } from "../../ui/waiting.tsx";
import { CopiedFiles } from "./copied-files.tsx";
import { RegisterDialog } from "./register-dialog.tsx";
import { SampleButton } from "./sample-button.tsx";

const SOURCE_WORDS: Record<Repository["source"], string> = {
  found: "found",
  registered: "added by path",
  cloned: "cloned",
  sample: "sample",
};

/** The repositories that sessions can be made on. */
export function RepositoriesPage() {
  const { data, error, isPending, refetch } = useQuery(repositoriesQuery);
  const [adding, setAdding] = useState(false);
  const repositories = data?.repositories ?? [];
  return (
    <PageFrame
      title="Repositories"
      lead={
        data && (
          <>
            Git repositories under <code className="text-code text-ink">{data.reposDir}</code> appear by themselves;
            others can be added.
          </>
        )
      }
      actions={
        <Button onClick={() => setAdding(true)}>
          <Plus size={14} aria-hidden />
          Add
        </Button>
      }
    >
      {error && <RetryMessage title="The repositories could not be read" error={error} onRetry={refetch} />}
      {isPending && <Waiting words="Looking for repositories…" className="py-3" />}
      {data && repositories.length === 0 && (
        <Message title="No repositories yet">
          <p className="pb-3">Put one there, add one by path or address, or begin with a sample.</p>
          <SampleButton />
        </Message>
      )}
      <ul className="border-t empty:hidden">
        {repositories.map((repository) => (
          <Row key={repository.id} repository={repository} />
        ))}
      </ul>
      <RegisterDialog open={adding} onClose={() => setAdding(false)} />
    </PageFrame>
  );
}

function Row({ repository }: { repository: Repository }) {
  const queries = useQueryClient();
  const forget = useMutation({
    mutationFn: () => forgetRepository(repository.id),
    onSuccess: () => queries.invalidateQueries(repositoriesQuery),
    onError: (error) => showError(messageOf(error)),
  });
  const { name, path, source, defaultBranch, problem, notices } = repository;
  return (
    <li className="group grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 border-b py-2.5">
      <div className="min-w-0">
        <p className="flex items-baseline gap-2.5">
          <span className="truncate font-medium">{name}</span>
          {defaultBranch && <span className="truncate text-xs text-ink-3">{defaultBranch}</span>}
        </p>
        <p className="truncate font-mono text-xs text-ink-3" title={path}>
          {path}
        </p>
        {problem && <p className="text-need">{problem}</p>}
        {notices.map((notice) => (
          <p key={notice} className="text-xs text-ink-2">
            {notice}
          </p>
        ))}
        {problem === null && <CopiedFiles repository={repository} />}
      </div>
      <div className="flex items-start gap-2 text-xs text-ink-3">
        <Link
          href={`/settings/network?repository=${repository.id}`}
          aria-label={`Settings of ${name}`}
          className="rounded-md px-2 py-1 text-ink-2 hover:bg-hover hover:text-ink"
        >
          Settings
        </Link>
        <span className="py-1">{SOURCE_WORDS[source]}</span>
        {source !== "found" && (
          <Button
            look="quiet"
            size="icon"
            disabled={forget.isPending}
            aria-label={`Take ${name} off the list`}
            title="Take off the list; the files stay"
            onClick={() => forget.mutate()}
          >
            <X size={14} />
          </Button>
        )}
      </div>
    </li>
  );
}
