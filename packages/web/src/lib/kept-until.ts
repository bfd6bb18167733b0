import { DELETED_KEPT_MS } from "@background-agents/shared/sessions/session";

/** Until when a session that was deleted at `deletedAt` (ISO 8601) can be had back, in ms since 1970. */
export function keptUntil(deletedAt: string): number {
  return Date.parse(deletedAt) + DELETED_KEPT_MS;
}

/** The same for people, where the page is: `30 Nov, 14:05`. */
export function keptUntilWords(deletedAt: string): string {
  const form = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat("en-GB", form).format(keptUntil(deletedAt));
}
