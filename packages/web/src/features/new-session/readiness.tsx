"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { healthQuery, modelsQuery, repositoriesQuery } from "../../api/queries.ts";
import { messageOf } from "../../lib/app-error.ts";
import { Button } from "../../ui/button.tsx";

interface Lack {
  key: string;
  /** Nothing can start without it. */
  blocking: boolean;
  title: string;
  detail: ReactNode;
  action?: ReactNode;
}

/** What is missing to work, why, and what to do about it. Nothing where nothing is missing. */
export function Readiness({ repositoryActions }: { repositoryActions: ReactNode }) {
  const health = useQuery(healthQuery);
  const models = useQuery(modelsQuery);
  const repositories = useQuery(repositoriesQuery);
  const lacks: Lack[] = [];

  if (health.isError) {
    lacks.push({
      key: "api",
      blocking: true,
      title: "The API server does not answer",
      detail: "Start it with ./scripts/dev.sh; this page notices by itself.",
    });
  }
  if (health.data?.docker.status === "unreachable") {
    lacks.push({
      key: "engine",
      blocking: true,
      title: "Docker does not answer",
      detail: health.data.docker.message ?? "Start Docker: each session works in a container of its own.",
    });
  } else if (health.data?.sandboxImage.status === "missing") {
    lacks.push({
      key: "image",
      blocking: true,
      title: `The sandbox image ${health.data.sandboxImage.name} is not built`,
      detail: (
        <>
          <Code>./scripts/dev.sh</Code> builds it when it starts.
        </>
      ),
    });
  }
  if (!health.isError) {
    // Without them nothing can start, and only they know why they could not be read.
    if (repositories.isError && !repositories.data) {
      lacks.push(unread("repositories", repositories.error, () => void repositories.refetch()));
    }
    if (models.isError && !models.data) {
      lacks.push(unread("models", models.error, () => void models.refetch()));
    }
  }
  if (repositories.data?.repositories.length === 0) {
    lacks.push({
      key: "repositories",
      blocking: true,
      title: "No repositories yet",
      detail: (
        <>
          Git repositories under <Code>{repositories.data.reposDir}</Code> appear by themselves.
        </>
      ),
      action: repositoryActions,
    });
  }
  if (models.data && !models.data.models.some(({ available, scripted }) => available && !scripted)) {
    lacks.push({
      key: "key",
      blocking: false,
      title: "No model key",
      detail: (
        <>
          <Link href="/settings/models" className="text-accent underline underline-offset-2">
            Set one in the settings
          </Link>
          , or put <Code>ANTHROPIC_API_KEY</Code> or <Code>OPENAI_API_KEY</Code> into <Code>.env</Code> and start again.
          Until then there is the scripted demo.
        </>
      ),
    });
  }
  if (lacks.length === 0) return null;
  return (
    <ul aria-label="What is missing" className="flex flex-col border-t">
      {lacks.map(({ key, blocking, title, detail, action }) => (
        <li
          key={key}
          className="grid grid-cols-[12px_minmax(0,1fr)] gap-x-3 border-b px-3.5 py-2.5 sm:grid-cols-[12px_minmax(0,1fr)_auto]"
        >
          <span
            aria-hidden
            className={
              blocking ? "mt-1.5 size-2 rounded-full bg-need" : "mt-1.5 size-2 rounded-full border-[1.5px] border-ink-3"
            }
          />
          <span>
            <span className="font-medium">{title}</span> <span className="text-ink-2">{detail}</span>
          </span>
          {action && <span className="col-start-2 flex gap-1.5 pt-1.5 sm:col-start-3 sm:pt-0">{action}</span>}
        </li>
      ))}
    </ul>
  );
}

function unread(what: "repositories" | "models", error: Error, retry: () => void): Lack {
  return {
    key: `unread-${what}`,
    blocking: true,
    title: `The ${what} could not be read`,
    detail: messageOf(error),
    action: (
      <Button size="sm" onClick={retry}>
        Try again
      </Button>
    ),
  };
}

function Code({ children }: { children: ReactNode }) {
  return <code className="text-xs text-ink">{children}</code>;
}
