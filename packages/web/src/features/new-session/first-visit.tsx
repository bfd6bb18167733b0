"use client";

import { DEMO_MODEL_ID } from "@background-agents/shared/models/catalogue";
import { useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { repositoriesQuery } from "../../api/queries.ts";
import { listRepositories, makeSampleRepository } from "../../api/repositories-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.tsx";
import { startSession } from "./start-session.ts";

const DEMO_PROMPT = "Look around this repository, make one small improvement, and check that it works.";

/** For somebody without a session: what this is, and a demo one click away. */
export function FirstVisit() {
  const router = useRouter();
  const queries = useQueryClient();
  const [starting, setStarting] = useState(false);

  async function startDemo(): Promise<void> {
    setStarting(true);
    try {
      const { repositories } = await listRepositories();
      const repository = repositories.find(({ source }) => source === "sample") ?? (await makeSampleRepository());
      await queries.invalidateQueries(repositoriesQuery);
      const session = await startSession({
        text: DEMO_PROMPT,
        repository,
        branch: null,
        model: DEMO_MODEL_ID,
        effort: null,
      });
      router.push(`/sessions/${session.id}`);
    } catch (error) {
      showError(messageOf(error));
      setStarting(false);
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3.5 text-ink-2">
      <p className="min-w-64 flex-1">
        No key, no repository? The demo runs a scripted agent on a sample, in a real container.
      </p>
      <Button disabled={starting} onClick={() => void startDemo()}>
        <Play size={13} aria-hidden />
        {starting ? "Starting…" : "Watch the demo"}
      </Button>
    </div>
  );
}
