"use client";

import type { CheckpointId } from "@background-agents/shared/ids";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { checkpointsQuery } from "../../../api/queries.ts";
import { useWishInside } from "../../../api/session-room.ts";
import { useSession, useSessionStore } from "../../../api/use-session.tsx";
import { useTimeline } from "../../../api/use-timeline.ts";
import { ALL, buildScopes, type Scope } from "./build-scopes.ts";

/**
 * What the changes can be looked at from, and what is chosen. `version` changes whenever a moment of these means another
 * state of the files. Checkpoints are fetched anew with each that is made or gone back to.
 */
export function useScopes() {
  const { sessionId } = useSessionStore();
  const queries = useQueryClient();
  const { turns } = useTimeline();
  const head = useSession((state) => state.session?.lastCheckpointId ?? null);
  const baseCommit = useSession((state) => state.session?.baseCommit ?? "");
  const running = useSession((state) => state.session?.status === "working" || state.session?.status === "waiting");
  const live = useSession((state) => (running ? state.live : null));
  const { looked, relook } = useLooked();
  const { data } = useQuery({ ...checkpointsQuery(sessionId), enabled: head !== null });
  const [key, pick] = useState<string>(ALL);
  useWishInside("changes", ({ checkpointId }) => pick(checkpointId ?? ALL));

  useEffect(() => {
    if (head !== null) void queries.invalidateQueries({ queryKey: checkpointsQuery(sessionId).queryKey });
  }, [queries, sessionId, head]);

  const scopes = useMemo(
    () =>
      buildScopes({
        checkpoints: data ?? [],
        numberOfTurn: (turnId) => turns.find((turn) => turn.turnId === turnId)?.number,
        head,
        looked,
        live,
      }),
    [data, turns, head, looked, live],
  );
  const scope: Scope = scopes.find((one) => one.key === key) ?? scopes[0];
  const version = `${baseCommit}.${scope.diff.to === "live" ? (live?.commit ?? "") : ""}`;
  return { scopes, scope, pick, version, relook, checkpoints: data ?? [] };
}

/**
 * Up to where the user has looked. It does not move while they look: only once new work has come after what they have
 * seen does "since my last look" begin there.
 */
function useLooked() {
  const head = useSession((state) => state.session?.lastCheckpointId ?? null);
  const current = useSession((state) => state.session?.lookedCheckpointId ?? null);
  const [held, hold] = useState({ head, looked: current });
  if (held.head !== head) hold({ head, looked: current });
  return {
    looked: held.head === head ? held.looked : current,
    relook: (looked: CheckpointId) => hold({ head, looked }),
  };
}
