"use client";

import type { SecretSummary } from "@background-agents/shared/secrets/secret";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { secretsQuery } from "../../../api/guard-queries.ts";
import { repositoriesQuery } from "../../../api/queries.ts";
import { removeSecret } from "../../../api/secrets-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { Button } from "../../../ui/button.tsx";
import { ConfirmButton } from "../../../ui/confirm-button.tsx";
import { showError, showToast } from "../../../ui/toast.tsx";

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** One secret: its name, who gets it. `onEdit` null: it belongs to all repositories, and is changed there. */
export function SecretRow({ secret, onEdit }: { secret: SecretSummary; onEdit: (() => void) | null }) {
  const queries = useQueryClient();
  const repositories = useQuery(repositoriesQuery).data?.repositories ?? [];
  const { name, audience, repository, readable, updatedAt } = secret;
  const remove = useMutation({
    mutationFn: () => removeSecret(name, repository),
    onSuccess: () => showToast({ text: `${name} is deleted` }),
    onError: (error) => showError(messageOf(error)),
    onSettled: () => queries.invalidateQueries(secretsQuery(repository)),
  });
  const names = secret.repositories?.map((id) => repositories.find((one) => one.id === id)?.name ?? "one that is gone");
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b py-2.5">
      <div className="min-w-48 flex-1">
        <code className="text-code break-all">{name}</code>
        <p className="text-xs text-ink-2">
          {audience === "agent" ? "The agent and all it starts" : "The setup script alone"}
          {names && <> · only {names.length === 0 ? "for no repository" : names.join(", ")}</>}
          <span className="text-ink-3"> · set {DAY.format(new Date(updatedAt))}</span>
        </p>
        {!readable && <p className="text-fail">Its value cannot be read any more. Set it anew.</p>}
      </div>
      {onEdit ? (
        <div className="flex gap-1">
          <Button look="quiet" size="sm" aria-label={`Change ${name}`} onClick={onEdit}>
            Change
          </Button>
          <ConfirmButton
            label={`Delete ${name}`}
            question="It cannot be brought back: delete"
            disabled={remove.isPending}
            onConfirm={() => remove.mutate()}
          >
            Delete
          </ConfirmButton>
        </div>
      ) : (
        <span className="text-2xs text-ink-3">from all repositories</span>
      )}
    </li>
  );
}
