import type { Repository } from "@background-agents/shared/repositories/repository";
import type { Place } from "../features/palette/palette.tsx";
import { roomPath, ROOMS } from "../features/settings/rooms.ts";

/** The rooms of the settings, by name. */
export const ROOM_PLACES: readonly Place[] = ROOMS.map(({ id, label }) => ({
  label: id === "general" ? "Settings" : `Settings: ${label.toLowerCase()}`,
  path: roomPath(id, null),
  also: label,
}));

/** Pure: each repository's own settings, by its name and place. */
export function repositoryPlaces(repositories: readonly Pick<Repository, "id" | "name" | "path">[]): Place[] {
  const [first] = ROOMS.filter(({ scoped }) => scoped);
  if (!first) return [];
  return repositories.map(({ id, name, path }) => ({
    label: `Settings of ${name}`,
    path: roomPath(first.id, id),
    also: path,
  }));
}
