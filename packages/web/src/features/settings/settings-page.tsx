"use client";

import type { RepositoryId } from "@background-agents/shared/ids";
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { repositoriesQuery } from "../../api/queries.ts";
import { cn } from "../../lib/class-names.ts";
import { BudgetsRoom } from "./budgets-room.tsx";
import { SettingsProvider } from "./form/use-settings.tsx";
import { GeneralRoom } from "./general-room.tsx";
import { GitRoom } from "./git-room.tsx";
import { ModelsRoom } from "./models/models-room.tsx";
import { NetworkRoom } from "./network-room.tsx";
import { PermissionsRoom } from "./permissions/permissions-room.tsx";
import { findRoom, type RoomId, roomPath, ROOMS } from "./rooms.ts";
import { SandboxRoom } from "./sandbox-room.tsx";
import { ScopePicker } from "./scope-picker.tsx";
import { SecretsRoom } from "./secrets/secrets-room.tsx";
import { SetupRoom } from "./setup-room.tsx";
import { UsageRoom } from "./usage-room.tsx";

const CONTENT: Record<RoomId, () => ReactNode> = {
  general: GeneralRoom,
  models: ModelsRoom,
  network: NetworkRoom,
  secrets: SecretsRoom,
  permissions: PermissionsRoom,
  budgets: BudgetsRoom,
  usage: UsageRoom,
  sandbox: SandboxRoom,
  setup: SetupRoom,
  git: GitRoom,
};

/** One room of the settings, for all repositories or for one. `.env` alone is enough; what is set here wins over it. */
export function SettingsPage({ room: id, repository: asked }: { room: RoomId; repository: RepositoryId | null }) {
  const router = useRouter();
  const repositories = useQuery(repositoriesQuery).data?.repositories;
  const room = findRoom(id);
  if (!room) return null;
  const repository = repositories?.find((one) => one.id === asked) ?? null;
  const scope = room.scoped ? asked : null;
  const gone = room.scoped && asked !== null && repositories !== undefined && repository === null;
  const Content = CONTENT[id];
  return (
    <main className="scroll-quiet min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid max-w-[960px] px-4 pt-3 pb-24 md:px-6 md:pt-12 lg:grid-cols-[150px_minmax(0,1fr)] lg:gap-x-10">
        <Link href="/" className="-ml-1.5 flex w-max items-center gap-0.5 rounded-md py-2 pr-2 text-ink-2 md:hidden">
          <ChevronLeft size={18} aria-hidden />
          Sessions
        </Link>
        <nav aria-label="Settings" className="hidden flex-col gap-px pt-0.5 lg:flex">
          {ROOMS.map((one) => (
            <Link
              key={one.id}
              href={roomPath(one.id, asked)}
              aria-current={one.id === id ? "page" : undefined}
              className={cn(
                "-ml-2.5 rounded-md px-2.5 py-1 transition-colors duration-120 hover:bg-hover",
                one.id === id ? "bg-sunk font-medium" : "text-ink-2",
              )}
            >
              {one.label}
            </Link>
          ))}
        </nav>
        <div className="min-w-0">
          <header className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-5">
            <h1 className="text-page font-semibold tracking-[-0.015em]">
              <span className="lg:hidden">Settings</span>
              <span className="hidden lg:inline">{room.label}</span>
            </h1>
            <label className="ml-auto lg:hidden">
              <span className="sr-only">Room</span>
              <select
                value={id}
                onChange={(event) => {
                  const next = findRoom(event.target.value);
                  if (next) router.push(roomPath(next.id, asked));
                }}
                className="h-8 rounded-md border border-line-strong bg-raise px-2 max-md:text-[16px]"
              >
                {ROOMS.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.label}
                  </option>
                ))}
              </select>
            </label>
            {room.scoped && (
              <div className="max-lg:basis-full lg:ml-auto">
                <ScopePicker
                  repositories={repositories ?? []}
                  repository={repository}
                  onPick={(next) => router.push(roomPath(id, next))}
                />
              </div>
            )}
          </header>
          {gone ? (
            <p className="text-ink-2">There is no such repository any more. Choose another one above.</p>
          ) : (
            <SettingsProvider key={scope} repository={scope}>
              <Content />
            </SettingsProvider>
          )}
        </div>
      </div>
    </main>
  );
}
