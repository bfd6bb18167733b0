/** The rooms of the settings page, in order. `scoped`: a repository can have its own. */
export const ROOMS = [
  { id: "general", label: "General", scoped: false },
  { id: "models", label: "Models", scoped: false },
  { id: "network", label: "Network", scoped: true },
  { id: "secrets", label: "Secrets", scoped: true },
  { id: "permissions", label: "Permissions", scoped: true },
  { id: "budgets", label: "Budgets", scoped: true },
  { id: "usage", label: "Usage", scoped: false },
  { id: "sandbox", label: "Sandbox", scoped: true },
  { id: "setup", label: "Setup script", scoped: true },
  { id: "git", label: "Git", scoped: true },
] as const;

export type RoomId = (typeof ROOMS)[number]["id"];

export function findRoom(id: string): (typeof ROOMS)[number] | undefined {
  return ROOMS.find((room) => room.id === id);
}

/** The address of a room, for one repository or for all. */
export function roomPath(room: RoomId, repository: string | null): string {
  const path = room === "general" ? "/settings" : `/settings/${room}`;
  return repository === null ? path : `${path}?repository=${repository}`;
}
