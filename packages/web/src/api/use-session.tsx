"use client";

import type { SessionId } from "@background-agents/shared/ids";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { useStore } from "zustand";
import { useAccess } from "./access-store.ts";
import { type LiveSession, sessionStore, type SessionStore } from "./session-store.ts";

const Context = createContext<SessionStore | null>(null);

/** Keeps one session live for everything inside. */
export function LiveSessionProvider({ sessionId, children }: { sessionId: SessionId; children: ReactNode }) {
  const store = sessionStore(sessionId);
  const token = useAccess((state) => state.token);
  useEffect(() => (token ? store.connect() : undefined), [store, token]);
  return <Context value={store}>{children}</Context>;
}

export function useSessionStore(): SessionStore {
  const store = useContext(Context);
  if (!store) throw new Error("A part of the session page stands outside of LiveSessionProvider.");
  return store;
}

/** What `select` picks of the session; renders again only when that changes. */
export function useSession<T>(select: (session: LiveSession) => T): T {
  return useStore(useSessionStore(), select);
}
