"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { loadAccess, useAccess } from "../api/access-store.ts";
import { connectFleet } from "../api/fleet-store.ts";
import { loadTheme } from "../api/theme.ts";
import { AccessPage } from "../features/access/access-page.tsx";
import { AppError } from "../lib/app-error.ts";
import { Toaster } from "../ui/toast.tsx";
import { TooltipProvider } from "../ui/tooltip.tsx";
import { AppFrame } from "./app-frame.tsx";

const RETRIES = 2;

/** Everything around the pages: the door, the live list of sessions, what all pages share. */
export function AppShell({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries);
  const access = useAccess((state) => state.access);
  const token = useAccess((state) => state.token);
  useEffect(() => {
    loadTheme();
    loadAccess();
  }, []);
  useEffect(() => {
    if (access !== "granted") return;
    void queries.invalidateQueries();
    return connectFleet();
  }, [access, token, queries]);

  if (access === "unknown") return <div className="h-dvh" />;
  if (access !== "granted") return <AccessPage refused={access === "refused"} />;
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider delayDuration={400}>
        <AppFrame>{children}</AppFrame>
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  );
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: (failures, error) => failures < RETRIES && error instanceof AppError && error.retryable },
    },
  });
}
