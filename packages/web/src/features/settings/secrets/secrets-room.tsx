"use client";

import { SECRETS_PER_SCOPE, type SecretSummary } from "@background-agents/shared/secrets/secret";
import { useQuery } from "@tanstack/react-query";
import { FileUp, Plus } from "lucide-react";
import { useState } from "react";
import { secretsQuery } from "../../../api/guard-queries.ts";
import { Button } from "../../../ui/button.tsx";
import { RetryMessage } from "../../../ui/retry-message.tsx";
import { RoomNote } from "../form/room-note.tsx";
import { useSettings } from "../form/use-settings.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import { SecretDialog } from "./secret-dialog.tsx";
import { SecretRow } from "./secret-row.tsx";

/** Values that sandboxes get as variables. They are written here and never shown again. */
export function SecretsRoom() {
  const { repository } = useSettings();
  const { data: secrets = [], error, isPending, isSuccess, refetch } = useQuery(secretsQuery(repository));
  const everywhere = useQuery({ ...secretsQuery(null), enabled: repository !== null }).data ?? [];
  const [dialog, setDialog] = useState<"add" | "import" | SecretSummary | null>(null);
  const close = () => setDialog(null);
  const fromAll = everywhere.filter(
    ({ name, repositories }) =>
      repository !== null &&
      (repositories === null || repositories.includes(repository)) &&
      !secrets.some((own) => own.name === name),
  );
  return (
    <>
      <RoomNote>
        <p>
          What the agent gets, it can read, and send to any host it reaches: give it values made for tests, with no more
          rights than the work needs. What only the setup script gets stays out of the agent’s reach, as long as the
          script does not leave it in the workspace.
        </p>
        <p className="pt-1.5 text-xs">
          Kept encrypted, never shown again, blotted out of what sessions store; a commit that contains one is stopped
          before it is published. A sandbox gets them at its next start.
        </p>
      </RoomNote>
      {error && <RetryMessage title="The secrets could not be read" error={error} onRetry={refetch} />}
      <div className="flex flex-wrap items-center gap-2 border-b py-3">
        <Button disabled={secrets.length >= SECRETS_PER_SCOPE} onClick={() => setDialog("add")}>
          <Plus size={13} aria-hidden />
          Add a secret
        </Button>
        <Button look="quiet" onClick={() => setDialog("import")}>
          <FileUp size={13} aria-hidden />
          Import a .env file
        </Button>
        {isSuccess && (
          <span className="ml-auto text-xs text-ink-3">
            {secrets.length} of {SECRETS_PER_SCOPE}, 16 kB each
          </span>
        )}
      </div>
      <ul aria-label="Secrets" className="empty:hidden">
        {secrets.map((secret) => (
          <SecretRow key={secret.name} secret={secret} onEdit={() => setDialog(secret)} />
        ))}
        {fromAll.map((secret) => (
          <SecretRow key={secret.name} secret={secret} onEdit={null} />
        ))}
      </ul>
      {!isPending && !error && secrets.length + fromAll.length === 0 && (
        <p className="py-4 text-ink-3">
          {repository === null ? "No secrets for all repositories." : "No secrets for this repository."}
        </p>
      )}
      {dialog === "import" && <ImportDialog repository={repository} onClose={close} />}
      {dialog !== null && dialog !== "import" && (
        <SecretDialog
          repository={repository}
          secret={dialog === "add" ? null : dialog}
          taken={secrets.map(({ name }) => name)}
          onClose={close}
        />
      )}
    </>
  );
}
