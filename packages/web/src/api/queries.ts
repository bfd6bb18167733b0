import {
  DiskAnswer,
  HealthAnswer,
  ModelsAnswer,
  SessionDetailAnswer,
} from "@background-agents/shared/protocol/commands";
import type { RepositoryId, SessionId } from "@background-agents/shared/ids";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { callApi } from "./api-client.ts";
import { listBranches, listRepositories } from "./repositories-client.ts";
import { listPutAway, listCheckpoints } from "./sessions-client.ts";

/** What the page asks for by REST and keeps; live state comes by socket and is kept in the stores. */

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: () => callApi({ path: "/api/health", answer: HealthAnswer }),
  refetchInterval: (query) => (query.state.data?.status === "ok" ? 60_000 : 5_000),
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: () => callApi({ path: "/api/models", answer: ModelsAnswer }),
  staleTime: 60_000,
});

export const repositoriesQuery = queryOptions({
  queryKey: ["repositories"],
  queryFn: listRepositories,
  staleTime: 15_000,
});

export const branchesQuery = (id: RepositoryId) =>
  queryOptions({ queryKey: ["branches", id], queryFn: () => listBranches(id), staleTime: 15_000 });

export const checkpointsQuery = (id: SessionId) =>
  queryOptions({ queryKey: ["session", id, "checkpoints"], queryFn: () => listCheckpoints(id) });

const putAwayQuery = (which: "archived" | "deleted") =>
  infiniteQueryOptions({
    queryKey: ["put-away", which],
    queryFn: ({ pageParam }) => listPutAway(which, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });

export const archivedQuery = putAwayQuery("archived");

/** Deleted sessions that can be had back. */
export const deletedQuery = putAwayQuery("deleted");

/** What is on the server's disk; measured there at most every 30 s. */
export const diskQuery = queryOptions({
  queryKey: ["disk"],
  queryFn: () => callApi({ path: "/api/disk", answer: DiskAnswer }),
  staleTime: 30_000,
});

/** Only to learn whether there is such a session: its state comes by socket. */
export const sessionExistsQuery = (id: SessionId) =>
  queryOptions({
    queryKey: ["session-exists", id],
    queryFn: () => callApi({ path: `/api/sessions/${id}`, answer: SessionDetailAnswer }),
    staleTime: 0,
  });
