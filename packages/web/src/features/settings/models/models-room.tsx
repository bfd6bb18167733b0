"use client";

import type { Endpoint } from "@background-agents/shared/models/endpoint";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { endpointsQuery } from "../../../api/guard-queries.ts";
import { modelsQuery } from "../../../api/queries.ts";
import { messageOf } from "../../../lib/app-error.ts";
import { PROVIDER_NAMES } from "../../../lib/provider-names.ts";
import { Button } from "../../../ui/button.tsx";
import { Message } from "../../../ui/message.tsx";
import { RetryMessage } from "../../../ui/retry-message.tsx";
import { Waiting } from "../../../ui/waiting.tsx";
import { RoomNote } from "../form/room-note.tsx";
import { EndpointDialog } from "./endpoint-dialog.tsx";
import { EndpointRow } from "./endpoint-row.tsx";
import { OfferedModels } from "./offered-models.tsx";

/** Where models are reached, and with which keys. */
export function ModelsRoom() {
  const { data: endpoints = [], error, isPending, refetch } = useQuery(endpointsQuery);
  const { data: offered, error: unlisted } = useQuery(modelsQuery);
  const scripted = offered?.models.filter((model) => model.scripted) ?? [];
  const [dialog, setDialog] = useState<"add" | Endpoint | null>(null);
  return (
    <>
      <RoomNote>
        Keys stay in the server, which adds them on the way: no sandbox ever sees one. What is set here wins over{" "}
        <code className="text-code">.env</code>.
      </RoomNote>
      {error && <RetryMessage title="The endpoints could not be read" error={error} onRetry={refetch} />}
      {unlisted && <Message title="The models could not be listed">{messageOf(unlisted)}</Message>}
      {isPending && <Waiting words="Reading the endpoints…" className="py-3" />}
      <ul aria-label="Model endpoints">
        {endpoints.map((endpoint) => (
          <EndpointRow key={endpoint.id} endpoint={endpoint} onEdit={() => setDialog(endpoint)} />
        ))}
        {scripted.length > 0 && (
          <li className="border-b py-3.5">
            <p className="font-medium">{PROVIDER_NAMES.demo}</p>
            <OfferedModels models={scripted} defaultId={offered?.default} />
          </li>
        )}
      </ul>
      <div className="py-4">
        <Button onClick={() => setDialog("add")}>
          <Plus size={13} aria-hidden />
          Add an endpoint
        </Button>
        <p className="pt-1.5 text-xs text-ink-3">
          Anything that speaks one of three wire formats: Ollama, LM Studio, a gateway of your company.
        </p>
      </div>
      {dialog !== null && (
        <EndpointDialog
          endpoint={dialog === "add" ? null : dialog}
          taken={endpoints.map(({ id }) => id)}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
