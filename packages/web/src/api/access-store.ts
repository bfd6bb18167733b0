import { z } from "zod";
import { create } from "zustand";
import { readLocal, writeLocal } from "../lib/local-value.ts";

/** `unknown` until the page has looked into its storage (and on the server, always). */
export type Access = "unknown" | "missing" | "refused" | "granted";

export const useAccess = create<{ access: Access; token: string | null }>(() => ({ access: "unknown", token: null }));

/** Looks into the address and the page's storage for the token. */
export function loadAccess(): void {
  takeTokenFromAddress();
  readAccess();
}

function readAccess(): void {
  const token = readLocal("token", z.string().min(1)) ?? null;
  useAccess.setState({ token, access: token ? "granted" : "missing" });
}

/** Moves the token from the address (`#token=…`) into the page's storage: the address never keeps it. */
function takeTokenFromAddress(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  writeLocal("token", token);
  if (useAccess.getState().access !== "unknown") readAccess();
}

// As soon as this code is loaded, and again with the first rendering: while it starts, the router puts its own idea of
// the address back. A link opened in a tab that is already here changes only what comes after the #.
if (typeof window !== "undefined") {
  takeTokenFromAddress();
  addEventListener("hashchange", takeTokenFromAddress);
}

export function giveToken(token: string): void {
  writeLocal("token", token);
  useAccess.setState({ token, access: "granted" });
}

/** The server did not take the token. It is kept until another is given: the server may be the wrong one for now. */
export function refuseToken(): void {
  useAccess.setState({ access: "refused" });
}

/** The token in what somebody pasted: the whole address that `npm run open` prints, or the token alone. */
export function tokenIn(pasted: string): string | null {
  const text = pasted.trim();
  const token = /#token=([^&\s]+)/.exec(text)?.[1] ?? text;
  return /^[\w.~+/=-]{8,}$/.test(token) ? token : null;
}
