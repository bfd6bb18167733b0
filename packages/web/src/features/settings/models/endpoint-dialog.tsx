"use client";

import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { putEndpoint } from "../../../api/endpoints-client.ts";
import { endpointsQuery } from "../../../api/guard-queries.ts";
import { modelsQuery } from "../../../api/queries.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { DialogForm, FormField } from "../../../ui/dialog-form.tsx";
import { SelectField } from "../../../ui/select-field.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { draftEndpoint, type EndpointDraft, idOf, readEndpoint } from "./endpoint-draft.ts";
import { ModelFields } from "./model-fields.tsx";

const WIRES = [
  { value: "openai-chat", label: "OpenAI chat completions (most servers)" },
  { value: "openai-responses", label: "OpenAI responses" },
  { value: "anthropic", label: "Anthropic messages" },
] as const;

/** Adds an endpoint, or changes one; of a built-in one only address and key. */
export function EndpointDialog({
  endpoint,
  taken,
  onClose,
}: {
  endpoint: Endpoint | null;
  taken: readonly string[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<EndpointDraft>(() => draftEndpoint(endpoint));
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const builtIn = endpoint?.builtIn === true;
  const put = (change: Partial<EndpointDraft>) => setDraft({ ...draft, ...change });

  async function save(): Promise<void> {
    const read = readEndpoint(draft, { endpoint, taken });
    if ("problem" in read) return setProblem(read.problem);
    setSaving(true);
    setProblem(null);
    try {
      await putEndpoint(read.id, read.body);
      await Promise.all([queries.invalidateQueries(endpointsQuery), queries.invalidateQueries(modelsQuery)]);
      onClose();
    } catch (failure) {
      setProblem(messageOf(failure));
      setSaving(false);
    }
  }

  return (
    <DialogForm
      title={endpoint ? endpoint.name : "Add an endpoint"}
      act={saving ? "Saving…" : "Save"}
      disabled={saving}
      problem={problem}
      className="w-[min(36rem,calc(100vw-1.5rem))]"
      onClose={onClose}
      onAct={() => void save()}
    >
      {!builtIn && (
        <>
          <FormField
            label="Name"
            hint={endpoint ? undefined : `Its models are named ${idOf(draft.name) || "its-name"}/…`}
          >
            <TextField
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- a dialog begins at its first field
              autoFocus
              value={draft.name}
              placeholder="On this machine"
              maxLength={60}
              onChange={(event) => put({ name: event.target.value })}
            />
          </FormField>
          <FormField label="Wire format">
            <SelectField
              label="Wire format"
              value={draft.wire}
              options={WIRES}
              onChange={(wire) => put({ wire })}
              className="w-full"
            />
          </FormField>
        </>
      )}
      <FormField
        label="Address"
        hint={builtIn ? "Left empty: as in .env, or the provider’s own." : "With /v1 where the server wants it."}
      >
        <TextField
          value={draft.baseUrl}
          placeholder={builtIn ? endpoint.baseUrl : "http://127.0.0.1:11434/v1"}
          inputMode="url"
          onChange={(event) => put({ baseUrl: event.target.value })}
          className="font-mono text-code"
        />
      </FormField>
      <FormField
        label={endpoint?.key.set ? "New key" : builtIn ? "Key" : "Key, if it wants one"}
        hint="It goes to the server and is never shown again."
      >
        <TextField
          type="password"
          autoComplete="off"
          value={draft.key}
          placeholder={endpoint?.key.set ? "as it is; write to replace it" : ""}
          onChange={(event) => put({ key: event.target.value })}
          className="font-mono text-code"
        />
      </FormField>
      {!builtIn && <ModelFields models={draft.models} onChange={(models) => put({ models })} />}
    </DialogForm>
  );
}
