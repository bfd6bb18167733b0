import type { RepositoryId } from "@background-agents/shared/ids";
import type { UsageAnswer } from "@background-agents/shared/protocol/guard-commands";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { listEndpoints } from "./endpoints-client.ts";
import { readSettings, readUsage } from "./guard-client.ts";
import { listSecrets } from "./secrets-client.ts";

/** What holds for one repository; null: for all. */
export const settingsQuery = (repository: RepositoryId | null) =>
  queryOptions({ queryKey: ["settings", repository], queryFn: () => readSettings(repository), staleTime: 10_000 });

export const secretsQuery = (repository: RepositoryId | null) =>
  queryOptions({ queryKey: ["secrets", repository], queryFn: () => listSecrets(repository) });

export const endpointsQuery = queryOptions({ queryKey: ["endpoints"], queryFn: listEndpoints });

/** `from`: the first day, `2026-11-23`; null: from the beginning. */
export const usageQuery = (by: UsageAnswer["by"], from: string | null) =>
  queryOptions({
    queryKey: ["usage", by, from],
    queryFn: () => readUsage(by, from),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
