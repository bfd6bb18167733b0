import { RepositoryId } from "@background-agents/shared/ids";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { findRoom } from "../../../features/settings/rooms.ts";
import { SettingsPage } from "../../../features/settings/settings-page.tsx";

interface Props {
  params: Promise<{ room: string }>;
  searchParams: Promise<{ repository?: string | string[] }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const room = findRoom((await params).room);
  return { title: room ? `${room.label} settings` : "Settings" };
}

export default async function Page({ params, searchParams }: Props) {
  const room = findRoom((await params).room);
  if (!room) notFound();
  const repository = RepositoryId.safeParse((await searchParams).repository);
  return <SettingsPage room={room.id} repository={repository.success ? repository.data : null} />;
}
