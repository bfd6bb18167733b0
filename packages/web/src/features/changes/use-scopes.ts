"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { checkpointsQuery } from "../../api/queries.ts";
import type { DiffScope } from "../../api/reviews-client.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { useTimeline } from "../../api/use-timeline.ts";

export interface Scope {
  key: string;
  label: string;
  diff: DiffScope;
}

const ALL: Scope = { key: "all", label: "All changes", diff: { from: "base", to: "head" } };

/** What the changes can be looked at from: all since the beginning, or those of one turn. Fetched anew at each checkpoint. */
export function useScopes(): { scopes: Scope[]; scope: Scope; setScope: (key: string) => void } {
  const { sessionId } = useSessionStore();
  const queries = useQueryClient();
  const { turns } = useTimeline();
  const lastCheckpointId = useSession((state) => state.session?.lastCheckpointId ?? null);
  const { data } = useQuery({ ...checkpointsQuery(sessionId), enabled: lastCheckpointId !== null });
  const [key, setScope] = useState(ALL.key);

  useEffect(() => {
    if (lastCheckpointId !== null) void queries.invalidateQueries({ queryKey: ["session", sessionId] });
  }, [queries, sessionId, lastCheckpointId]);

  const scopes = useMemo(() => {
    const checkpoints = (data ?? []).toSorted((a, b) => a.id.localeCompare(b.id));
    const ofTurns = checkpoints.map((checkpoint, at): Scope => {
      const number = turns.find(({ turnId }) => turnId === checkpoint.turnId)?.number;
      const from = checkpoints[at - 1]?.id ?? "base";
      return { key: checkpoint.id, label: `Turn ${number ?? at + 1}`, diff: { from, to: checkpoint.id } };
    });
    return [ALL, ...ofTurns.toReversed()];
  }, [data, turns]);
  return { scopes, scope: scopes.find((scope) => scope.key === key) ?? ALL, setScope };
}
