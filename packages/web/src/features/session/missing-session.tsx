"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { sessionExistsQuery } from "../../api/queries.ts";
import { useSession, useSessionStore } from "../../api/use-session.tsx";
import { AppError } from "../../lib/app-error.ts";
import { Message } from "../../ui/message.tsx";

/** Shows the session, or says that there is none by this id. */
export function UnlessMissing({ children }: { children: ReactNode }) {
  const { sessionId } = useSessionStore();
  const unknown = useSession((state) => state.session === null && state.connection === "reconnecting");
  const { error } = useQuery({ ...sessionExistsQuery(sessionId), enabled: unknown });
  if (unknown && error instanceof AppError && error.code === "session.not-found") {
    return (
      <main className="flex flex-1 items-center justify-center">
        <Message title="There is no such session">
          It may have been deleted for good.{" "}
          <Link href="/" className="text-accent underline underline-offset-2">
            Start a new one
          </Link>
        </Message>
      </main>
    );
  }
  return children;
}
