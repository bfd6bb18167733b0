"use client";

import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { putEndpoint, removeEndpoint, testEndpoint } from "../../../api/endpoints-client.ts";
import { endpointsQuery } from "../../../api/guard-queries.ts";
import { modelsQuery } from "../../../api/queries.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { plural } from "../../../lib/format.ts";
import { Button } from "../../../ui/button.tsx";
import { ConfirmButton } from "../../../ui/confirm-button.tsx";
import { showError } from "../../../ui/toast.tsx";
import { OfferedModels } from "./offered-models.tsx";

/** One endpoint: its address, its key and where that comes from, its models; and whether it answers, on asking. */
export function EndpointRow({ endpoint, onEdit }: { endpoint: Endpoint; onEdit: () => void }) {
  const queries = useQueryClient();
  const offered = useQuery(modelsQuery).data;
  const models = (offered?.models ?? []).filter(({ provider }) => provider === endpoint.id);
  const test = useMutation({ mutationFn: () => testEndpoint(endpoint.id) });
  const change = useMutation({
    mutationFn: async (what: "remove" | "drop-key") => {
      if (what === "remove") await removeEndpoint(endpoint.id);
      else await putEndpoint(endpoint.id, { key: null });
    },
    onError: (error) => showError(messageOf(error)),
    onSettled: () => Promise.all([queries.invalidateQueries(endpointsQuery), queries.invalidateQueries(modelsQuery)]),
  });
  const { name, id, builtIn, baseUrl, baseUrlSource, key } = endpoint;
  // Without a key there is nothing to ask a built-in one with.
  const testable = key.set || !builtIn;
  const outcome = test.data ?? (test.error ? { ok: false, message: messageOf(test.error) } : null);
  return (
    <li className="border-b py-3.5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-1.5">
        <div className="min-w-56 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-2.5">
            <span className="font-medium">{name}</span>
            {!builtIn && <code className="text-xs text-ink-3">{id}/…</code>}
          </p>
          <p className="text-ink-2">{keyWords(endpoint)}</p>
          <p className="text-xs break-all text-ink-3">
            {baseUrl}
            {builtIn && baseUrlSource !== "default" && ` (${baseUrlSource === "environment" ? ".env" : "set here"})`}
          </p>
        </div>
        <div className="flex flex-wrap gap-1">
          {testable && (
            <Button size="sm" disabled={test.isPending} aria-label={`Test ${name}`} onClick={() => test.mutate()}>
              {test.isPending ? "Testing…" : "Test"}
            </Button>
          )}
          <Button
            look={testable ? "quiet" : "outline"}
            size="sm"
            aria-label={`Change ${name}`}
            onClick={() => {
              // What it answered, it answered as it was.
              test.reset();
              onEdit();
            }}
          >
            {testable ? "Change" : "Set a key"}
          </Button>
          {key.source === "global" && (
            <ConfirmButton
              label={`Remove the key of ${name}`}
              disabled={change.isPending}
              question="It cannot be brought back: remove"
              onConfirm={() => {
                test.reset();
                change.mutate("drop-key");
              }}
            >
              Remove key
            </ConfirmButton>
          )}
          {!builtIn && (
            <ConfirmButton
              label={`Remove ${name}`}
              question="Remove for good"
              disabled={change.isPending}
              onConfirm={() => change.mutate("remove")}
            >
              Remove
            </ConfirmButton>
          )}
        </div>
      </div>
      {outcome && (
        <p role="status" className={outcome.ok ? "pt-1.5 break-words text-good" : "pt-1.5 break-words text-fail"}>
          {outcome.message}
        </p>
      )}
      {models.length > 0 && (
        <details className="pt-1.5">
          <summary className="w-max text-xs text-ink-3 hover:text-ink">{plural(models.length, "model")}</summary>
          <OfferedModels models={models} defaultId={offered?.default} />
        </details>
      )}
    </li>
  );
}

/** Whether there is a key, where it comes from, how it ends. */
export function keyWords({ key, variable, builtIn }: Endpoint): string {
  if (!key.set) {
    if (!builtIn) return "Without a key";
    return `No key${variable ? `: set one here, or ${variable} in .env` : ""}`;
  }
  const from = key.source === "environment" ? `from .env${variable ? ` ${variable}` : ""}` : "set here";
  return `Key ${from}${key.hint ? `, ends in ${key.hint}` : ""}`;
}
