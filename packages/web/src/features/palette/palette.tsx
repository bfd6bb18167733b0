"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { Command } from "cmdk";
import { Archive, FolderGit2, Keyboard, Monitor, Moon, Plus, Settings, Sun } from "lucide-react";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { setTheme } from "../../api/theme.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { StatusShape } from "../../ui/status-shape.tsx";

/** Everything by name: sessions, pages, settings. */
export function Palette({
  open,
  onClose,
  sessions,
  onShowShortcuts,
}: {
  open: boolean;
  onClose: () => void;
  sessions: readonly Session[];
  onShowShortcuts: () => void;
}) {
  const router = useRouter();
  const run = (action: () => void) => () => {
    onClose();
    action();
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      label="Command palette"
      className="mt-[14vh] w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden"
    >
      <Command loop label="Command palette">
        <Command.Input
          autoFocus
          placeholder="Go to a session, or do something"
          className="h-11 w-full border-b bg-transparent px-4 text-prose outline-none"
        />
        <Command.List className="scroll-quiet max-h-[50vh] overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-4 text-ink-3">Nothing by that name</Command.Empty>
          <Group heading="Do">
            <Row icon={<Plus size={15} />} onSelect={run(() => router.push("/"))}>
              New session
            </Row>
            <Row icon={<FolderGit2 size={15} />} onSelect={run(() => router.push("/repositories"))}>
              Repositories
            </Row>
            <Row icon={<Archive size={15} />} onSelect={run(() => router.push("/archived"))}>
              Archived sessions
            </Row>
            <Row icon={<Settings size={15} />} onSelect={run(() => router.push("/settings"))}>
              Settings
            </Row>
            <Row icon={<Keyboard size={15} />} onSelect={run(onShowShortcuts)}>
              Keyboard shortcuts
            </Row>
          </Group>
          {sessions.length > 0 && (
            <Group heading="Sessions">
              {sessions.map((session) => (
                <Row
                  key={session.id}
                  value={`${session.title} ${session.repository.name} ${session.id}`}
                  icon={<StatusShape status={session.status} attention={session.attention} />}
                  note={session.repository.name}
                  onSelect={run(() => router.push(`/sessions/${session.id}`))}
                >
                  {session.title}
                </Row>
              ))}
            </Group>
          )}
          <Group heading="Theme">
            <Row icon={<Monitor size={15} />} onSelect={run(() => setTheme("system"))}>
              Theme: system
            </Row>
            <Row icon={<Sun size={15} />} onSelect={run(() => setTheme("light"))}>
              Theme: light
            </Row>
            <Row icon={<Moon size={15} />} onSelect={run(() => setTheme("dark"))}>
              Theme: dark
            </Row>
          </Group>
        </Command.List>
      </Command>
    </Dialog>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="**:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:pt-2 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-2xs **:[[cmdk-group-heading]]:font-medium **:[[cmdk-group-heading]]:text-ink-3"
    >
      {children}
    </Command.Group>
  );
}

function Row({
  icon,
  note,
  value,
  onSelect,
  children,
}: {
  icon: ReactNode;
  note?: string;
  value?: string;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      {...(value === undefined ? {} : { value })}
      onSelect={onSelect}
      className="flex h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 data-[selected=true]:bg-hover"
    >
      <span className="flex w-4 justify-center text-ink-3" aria-hidden>
        {icon}
      </span>
      <span className="flex-1 truncate">{children}</span>
      {note && <span className="text-xs text-ink-3">{note}</span>}
    </Command.Item>
  );
}
