import { createHash } from "node:crypto";
import { AppError } from "../lib/app-error.ts";
import { createKeyedMutex } from "../lib/keyed-mutex.ts";
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

/**
 * Runs what is made under one client-made id one after the other: a request that is repeated while the first is under
 * way waits for it, and finds what it made.
 */
export function createIdQueue(): <T>(id: string | undefined, make: () => Promise<T>) => Promise<T> {
  const inTurn = createKeyedMutex();
  return (id, make) => (id === undefined ? make() : inTurn(id, make));
}
