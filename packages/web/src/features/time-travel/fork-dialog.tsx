"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import type { Session } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { z } from "zod";
import { noteSession } from "../../api/fleet-store.ts";
import { modelsQuery } from "../../api/queries.ts";
import { closeSessionDialog, useSessionDialog } from "../../api/session-dialog.ts";
import { forkSession } from "../../api/time-travel-client.ts";
import { useSession } from "../../api/use-session.tsx";
import { messageOf } from "../../lib/app-error.ts";
import { DialogForm, FormField } from "../../ui/dialog-form.tsx";
import { type ModelChoice, ModelPicker } from "../../ui/model-picker.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useLocal } from "../../ui/use-local.ts";

/** Begins a new session where this one stood: same files, same conversation so far, a sandbox and branch of its own. */
export function ForkDialog() {
  const dialog = useSessionDialog((state) => state.dialog);
  const session = useSession((state) => state.session);
  if (dialog?.kind !== "fork" || !session) return null;
  return <Form session={session} checkpointId={dialog.checkpointId} turn={dialog.turn} />;
}

function Form({
  session,
  checkpointId,
  turn,
}: {
  session: Session;
  checkpointId: CheckpointId | null;
  turn: number | null;
}) {
  const models = useQuery(modelsQuery).data?.models ?? [];
  const router = useRouter();
  const [title, setTitle] = useState<string | null>(null);
  const [choice, setChoice] = useState<ModelChoice | null>(null);
  const [prompt, setPrompt] = useLocal(`draft.fork.${session.id}`, z.string(), "");
  const [forking, setForking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const words = title ?? `${session.title} (fork)`;
  const { model, effort } = choice ?? session;

  async function fork(): Promise<void> {
    setForking(true);
    setProblem(null);
    try {
      const made = await forkSession(session.id, {
        ...(checkpointId ? { checkpoint: checkpointId } : {}),
        title: words.trim(),
        model,
        effort,
        ...(prompt.trim() === "" ? {} : { prompt: prompt.trim() }),
      });
      setPrompt("");
      noteSession(made);
      closeSessionDialog();
      router.push(`/sessions/${made.id}`);
    } catch (error) {
      setProblem(messageOf(error));
      setForking(false);
    }
  }

  return (
    <DialogForm
      title={turn === null ? "Fork the session" : `Fork from turn ${turn}`}
      lead="A new session with these files and this conversation, in a sandbox and on a branch of its own. This one stays as it is."
      act={forking ? "Forking…" : "Fork"}
      disabled={forking || words.trim() === ""}
      problem={problem}
      onClose={closeSessionDialog}
      onAct={() => void fork()}
    >
      <FormField label="Title">
        <TextField
          spellCheck
          value={words}
          maxLength={200}
          onChange={(event) => setTitle(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
      </FormField>
      <FormField label="First prompt (optional)">
        <textarea
          value={prompt}
          rows={3}
          maxLength={131_072}
          placeholder="What should it do differently?"
          onChange={(event) => setPrompt(event.target.value)}
          className="scroll-quiet max-h-[30vh] min-h-20 resize-none rounded-md border border-line-strong bg-paper px-2.5 py-2 text-prose [field-sizing:content] focus:border-accent max-md:text-[16px]"
        />
      </FormField>
      <div className="-ml-2 flex flex-wrap items-center">
        <ModelPicker models={models} choice={{ model, effort }} onChoose={setChoice} />
      </div>
    </DialogForm>
  );
}
