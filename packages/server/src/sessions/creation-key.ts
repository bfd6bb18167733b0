import { createHash } from "node:crypto";
import { AppError } from "../lib/app-error.ts";
import type { SessionStore } from "./session-store.ts";

/** What tells one request with a client-made id from another. */
export function hashOf(body: unknown): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}

/** Whether the id made this already. Throws `id.conflict` where it made something else. */
export function wasCreated(
  store: Pick<SessionStore, "findCreation">,
  id: string | undefined,
  body: unknown,
): id is string {
  const known = id === undefined ? undefined : store.findCreation(id);
  if (known === undefined) return false;
  if (known !== hashOf(body)) {
    throw new AppError("id.conflict", `The id ${id} was used for something else: make a new one.`);
  }
  return true;
}
