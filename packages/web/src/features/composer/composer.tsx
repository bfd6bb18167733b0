"use client";

import type { PromptMode } from "@background-agents/shared/sessions/session";
import { useQuery } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { z } from "zod";
import { modelsQuery } from "../../api/queries.ts";
import { stopSession, updateSession } from "../../api/sessions-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { useTimeline } from "../../api/use-timeline.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { KeyHint } from "../../ui/key-hint.tsx";
import { ModelPicker } from "../../ui/model-picker.tsx";
import { usePrimaryAct } from "../../ui/primary-act.ts";
import { PromptField } from "../../ui/prompt-field.tsx";
import { showError } from "../../ui/toast.tsx";
import { useLocal } from "../../ui/use-local.ts";
import { QueuedPrompts } from "./queued-prompts.tsx";
import { useDoubleEscape } from "./use-double-escape.ts";

/** Writes follow-up prompts; stops the agent. While it works, what is sent waits in line. */
export function Composer() {
  const store = useSessionStore();
  const session = useSession((state) => state.session);
  const models = useQuery(modelsQuery).data?.models ?? [];
  const [text, setText] = useLocal(`draft.${store.sessionId}`, z.string(), "");
  const [stopAsked, setStopAsked] = useState(false);
  const turnStatus = useTimeline().turns.at(-1)?.status;
  const field = useRef<HTMLTextAreaElement>(null);
  const written = useRef(text);
  written.current = text;
  const working = session !== null && session.status !== "idle" && session.status !== "failed";
  const stopping = stopAsked || turnStatus === "stopping";
  const canSteer = turnStatus === "running" && !stopping;
  const primary = usePrimaryAct("prompt", text.trim() !== "");
  const onEscape = useDoubleEscape(working, stop);

  useEffect(() => {
    if (!working) setStopAsked(false);
  }, [working]);

  function stop(): void {
    setStopAsked(true);
    stopSession(store.sessionId).catch((error: unknown) => {
      setStopAsked(false);
      showError(messageOf(error));
    });
  }

  function send(mode: PromptMode): void {
    const prompt = text.trim();
    if (prompt === "" || !session) return;
    setText("");
    store.send(prompt, mode).catch((error: unknown) => {
      // What was written since stays, below what comes back.
      setText([prompt, written.current].filter((words) => words.trim() !== "").join("\n\n"));
      showError(messageOf(error));
    });
  }

  // The bar above says so, and offers the way back: nothing is taken until then.
  if (!session || session.deletedAt !== null) return null;
  return (
    <div className="shrink-0 px-3 pb-3 md:px-5 md:pb-4">
      <div className="mx-auto flex max-w-[760px] flex-col">
        <QueuedPrompts />
        <PromptField
          field={field}
          minRows={1}
          label="Prompt"
          placeholder={placeholderOf(working, canSteer)}
          value={text}
          onChange={setText}
          onSubmit={() => send("queue")}
          {...(canSteer ? { onAltSubmit: () => send("steer") } : {})}
          onEscape={() => {
            if (!onEscape()) field.current?.blur();
          }}
          chips={
            <ModelPicker
              models={models}
              choice={{ model: session.model, effort: session.effort }}
              onChoose={({ model, effort }) =>
                updateSession(session.id, { model, effort }).catch((error: unknown) => showError(messageOf(error)))
              }
            />
          }
          actions={
            <>
              {working && (
                <Button onClick={stop} disabled={stopping} title="Esc twice">
                  <Square size={10} className="fill-current" aria-hidden />
                  {stopping ? "Stopping…" : "Stop"}
                </Button>
              )}
              {canSteer && (
                <Button
                  onClick={() => send("steer")}
                  disabled={text.trim() === ""}
                  title="Give it to the agent now, within this turn"
                >
                  Steer
                  <KeyHint keys="alt+enter" />
                </Button>
              )}
              <Button
                look={primary || text.trim() === "" ? "primary" : "outline"}
                onClick={() => send("queue")}
                disabled={text.trim() === ""}
                {...(working ? { title: "Run it after this turn" } : {})}
              >
                {working ? "Queue" : "Send"}
                <KeyHint keys="mod+enter" className="text-current opacity-75" />
              </Button>
            </>
          }
        />
      </div>
    </div>
  );
}

function placeholderOf(working: boolean, canSteer: boolean): string {
  if (canSteer) return "Queue a follow-up, or steer the running turn";
  return working ? "Queue a follow-up" : "Ask for a change, or what comes next";
}
