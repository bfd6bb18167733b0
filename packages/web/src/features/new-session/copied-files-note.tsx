"use client";

import type { Repository } from "@background-agents/shared/repositories/repository";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { copiedFilesQuery } from "../../api/publish-queries.ts";
import { plural } from "../../lib/format.ts";

const NAMED = 2;

/** `Copies .env and config/local.json into the sandbox`: which ignored files a session made now gets. */
export function CopiedFilesNote({ repository }: { repository: Repository }) {
  const { data } = useQuery({ ...copiedFilesQuery(repository.id), retry: false });
  if (!data || data.files.length === 0) return null;
  const rest = data.files.length - NAMED;
  return (
    <p className="px-3.5 text-xs text-ink-3">
      Copies{" "}
      {data.files.slice(0, NAMED).map(({ path }, at) => (
        <span key={path}>
          {at > 0 && ", "}
          <code className="break-all text-ink-2">{path}</code>
        </span>
      ))}
      {rest > 0 && ` and ${plural(rest, "more file")}`} into the sandbox, where the agent can read{" "}
      {data.files.length === 1 ? "it" : "them"}.{" "}
      <Link href="/repositories" className="underline underline-offset-2 hover:text-ink">
        Change
      </Link>
    </p>
  );
}
