import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { queryOptions } from "@tanstack/react-query";
import { readProposal } from "./publish-client.ts";
import { readCopiedFiles } from "./repositories-client.ts";
import { readBase } from "./time-travel-client.ts";

/** Asked anew each time a dialog opens: the user's repository may have changed meanwhile. */
export const proposalQuery = (id: SessionId) =>
  queryOptions({ queryKey: ["proposal", id], queryFn: () => readProposal(id), staleTime: 0, gcTime: 0 });

/** Asked anew when the page is looked at again. */
export const baseQuery = (id: SessionId, commit: string | null) =>
  queryOptions({ queryKey: ["base", id, commit], queryFn: () => readBase(id), staleTime: 20_000 });

export const copiedFilesQuery = (id: RepositoryId) =>
  queryOptions({ queryKey: ["copied-files", id], queryFn: () => readCopiedFiles(id), staleTime: 15_000 });
