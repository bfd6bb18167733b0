"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { repositoriesQuery } from "../../api/queries.ts";
import { makeSampleRepository } from "../../api/repositories-client.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";
import { showError } from "../../ui/toast.tsx";

export function SampleButton({ onMade }: { onMade?: (repository: Repository) => void }) {
  const queries = useQueryClient();
  const { mutate, isPending } = useMutation({
    mutationFn: makeSampleRepository,
    onSuccess: async (repository) => {
      await queries.invalidateQueries(repositoriesQuery);
      onMade?.(repository);
    },
    onError: (error) => showError(messageOf(error)),
  });
  return (
    <Button size="sm" disabled={isPending} onClick={() => mutate()}>
      {isPending ? "Making it…" : "Make a sample repository"}
    </Button>
  );
}
