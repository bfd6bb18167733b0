"use client";

import type { RepositoryId } from "@background-agents/shared/ids";
import {
  SECRET_VALUE_BYTES,
  type SecretAudience,
  SecretName,
  type SecretSummary,
} from "@background-agents/shared/secrets/secret";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { secretsQuery } from "../../../api/guard-queries.ts";
import { repositoriesQuery } from "../../../api/queries.ts";
import { putSecret } from "../../../api/secrets-client.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { wordProblem } from "../../../lib/check-word.ts";
import { DialogForm, FormField } from "../../../ui/dialog-form.tsx";
import { CheckField, RadioList } from "../../../ui/radio-list.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { SecretValueField } from "./secret-value-field.tsx";

export const AUDIENCE_OPTIONS = [
  { value: "agent", label: "The agent and all it starts", detail: "It can read the value." },
  {
    value: "setup",
    label: "The setup script alone",
    detail:
      "It then runs in a container of its own before the agent, which cannot read the value unless the script stores or prints it in the workspace.",
  },
] as const;

/** Sets a secret, or changes one: its value anew, or only who gets it. */
export function SecretDialog({
  repository,
  secret,
  taken,
  onClose,
}: {
  repository: RepositoryId | null;
  /** Null: a new one. */
  secret: SecretSummary | null;
  /** Names that there are. */
  taken: readonly string[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [name, setName] = useState(secret?.name ?? "");
  const [value, setValue] = useState("");
  const [audience, setAudience] = useState<SecretAudience>(secret?.audience ?? "agent");
  const [only, setOnly] = useState<readonly RepositoryId[] | null>(secret?.repositories ?? null);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function save(): Promise<void> {
    const wrong = problemOf({ name, value, secret, taken, only: repository === null ? only : null });
    setProblem(wrong);
    if (wrong !== null) return;
    setSaving(true);
    try {
      await putSecret(name, repository, {
        ...(value === "" ? {} : { value }),
        audience,
        ...(repository === null ? { repositories: only === null ? null : [...only] } : {}),
      });
      await queries.invalidateQueries(secretsQuery(repository));
      onClose();
    } catch (failure) {
      setProblem(messageOf(failure));
      setSaving(false);
    }
  }

  return (
    <DialogForm
      title={secret ? `Change ${secret.name}` : "Add a secret"}
      act={saving ? "Saving…" : "Save"}
      disabled={saving}
      problem={problem}
      onClose={onClose}
      onAct={() => void save()}
    >
      {!secret && (
        <FormField label="Name" hint="The variable it is given as.">
          <TextField
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog begins at its first field
            autoFocus
            value={name}
            placeholder="STAGING_API_KEY"
            onChange={(event) => setName(event.target.value.trim())}
            className="font-mono text-code"
          />
        </FormField>
      )}
      <SecretValueField value={value} onChange={setValue} keeps={secret?.readable === true} />
      <RadioList
        label="Who gets it"
        name="secret-audience"
        value={audience}
        options={AUDIENCE_OPTIONS}
        onChange={setAudience}
      />
      {repository === null && <Repositories only={only} onChange={setOnly} />}
    </DialogForm>
  );
}

/** Pure: what stands in the way of saving; null for nothing. */
export function problemOf({
  name,
  value,
  secret,
  taken,
  only = null,
}: {
  name: string;
  value: string;
  secret: SecretSummary | null;
  taken: readonly string[];
  /** The repositories that get it; null: all. */
  only?: readonly RepositoryId[] | null;
}): string | null {
  if (!secret) {
    if (name === "") return "Give it a name.";
    const wrong = wordProblem(SecretName, name);
    if (wrong !== null) return `The name ${wrong}.`;
    if (taken.includes(name)) return `There is a secret ${name} already: change that one.`;
  }
  if (value === "" && !secret?.readable) return "Write its value.";
  if (only?.length === 0) return "Choose the repositories that get it, or All.";
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > SECRET_VALUE_BYTES) return `The value is ${bytes.toLocaleString("en")} bytes long; 16,384 are the most.`;
  return null;
}

function Repositories({
  only,
  onChange,
}: {
  only: readonly RepositoryId[] | null;
  onChange: (only: readonly RepositoryId[] | null) => void;
}) {
  const repositories = useQuery(repositoriesQuery).data?.repositories ?? [];
  return (
    <div className="flex flex-col gap-1.5">
      <RadioList
        label="Repositories"
        name="secret-repositories"
        value={only === null ? "all" : "some"}
        options={[
          { value: "all", label: "All", detail: "Those that come later too." },
          { value: "some", label: "Only these", detail: "Sessions of others do not get it." },
        ]}
        onChange={(which) => onChange(which === "all" ? null : [])}
      />
      {only !== null && (
        <div className="flex flex-col gap-1 pl-6">
          {repositories.map(({ id, name }) => (
            <CheckField
              key={id}
              checked={only.includes(id)}
              onChange={(checked) => onChange(checked ? [...only, id] : only.filter((other) => other !== id))}
            >
              {name}
            </CheckField>
          ))}
        </div>
      )}
    </div>
  );
}
