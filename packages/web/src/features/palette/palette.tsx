"use client";

import type { Session } from "@background-agents/shared/sessions/session";
import { Command } from "cmdk";
import { Archive, FolderCog, FolderGit2, Keyboard, Monitor, Moon, Plus, Settings, Sun } from "lucide-react";
import { type ReactNode, useState } from "react";
import { setTheme } from "../../api/theme.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { StatusShape } from "../../ui/status-shape.tsx";

/** A page that can be gone to by name. */
export interface Place {
  label: string;
  path: string;
  /** What else it may be looked for by, unseen. */
  also?: string;
}

/** Everything by name: sessions, pages, settings. There may be many repositories: theirs show once something is typed. */
export function Palette({
  open,
  onClose,
  sessions,
  rooms,
  repositories,
  onGo,
  onShowShortcuts,
}: {
  open: boolean;
  onClose: () => void;
  sessions: readonly Session[];
  /** The rooms of the settings. */
  rooms: readonly Place[];
  /** Each repository's settings. */
  repositories: readonly Place[];
  /** Goes to a page. */
  onGo: (path: string) => void;
  onShowShortcuts: () => void;
}) {
  const [search, setSearch] = useState("");
  function close(): void {
    setSearch("");
    onClose();
  }
  const run = (action: () => void) => () => {
    close();
    action();
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      label="Command palette"
      className="mt-[14vh] w-[min(36rem,calc(100vw-1.5rem))] overflow-hidden"
    >
      <Command loop label="Command palette">
        <Command.Input
          autoFocus
          value={search}
          onValueChange={setSearch}
          placeholder="Go to a session, or do something"
          className="h-11 w-full border-b bg-transparent px-4 text-prose outline-none"
        />
        <Command.List className="scroll-quiet max-h-[50vh] overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-4 text-ink-3">Nothing by that name</Command.Empty>
          <Group heading="Do">
            <Row icon={<Plus size={15} />} onSelect={run(() => onGo("/"))}>
              New session
            </Row>
            <Row icon={<FolderGit2 size={15} />} onSelect={run(() => onGo("/repositories"))}>
              Repositories
            </Row>
            <Row icon={<Archive size={15} />} onSelect={run(() => onGo("/archived"))}>
              Archived and deleted sessions
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
                  onSelect={run(() => onGo(`/sessions/${session.id}`))}
                >
                  {session.title}
                </Row>
              ))}
            </Group>
          )}
          <Places
            heading="Settings"
            places={rooms}
            icon={<Settings size={15} />}
            go={(path) => run(() => onGo(path))}
          />
          {search.trim() !== "" && (
            <Places
              heading="Settings of a repository"
              places={repositories}
              icon={<FolderCog size={15} />}
              go={(path) => run(() => onGo(path))}
            />
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

function Places({
  heading,
  places,
  icon,
  go,
}: {
  heading: string;
  places: readonly Place[];
  icon: ReactNode;
  go: (path: string) => () => void;
}) {
  if (places.length === 0) return null;
  return (
    <Group heading={heading}>
      {places.map(({ label, path, also = "" }) => (
        <Row key={path} value={`${label} ${also} ${path}`} icon={icon} onSelect={go(path)}>
          {label}
        </Row>
      ))}
    </Group>
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
      <span className="min-w-[55%] flex-1 truncate">{children}</span>
      {note && <span className="min-w-0 truncate text-xs text-ink-3">{note}</span>}
    </Command.Item>
  );
}
