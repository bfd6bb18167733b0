import { z } from "zod";
import { create } from "zustand";
import { readLocal, writeLocal } from "../lib/local-value.ts";

/** `unknown` until the page has looked into its storage (and on the server, always). */
export type Access = "unknown" | "missing" | "refused" | "granted";

export const useAccess = create<{ access: Access; token: string | null }>(() => ({ access: "unknown", token: null }));

/** Takes the token out of the address (`#token=…`) or the page's storage. The address never keeps it. */
export function loadAccess(): void {
  const fromAddress = new URLSearchParams(location.hash.slice(1)).get("token");
  if (fromAddress) {
    history.replaceState(history.state, "", location.pathname + location.search);
    giveToken(fromAddress);
    return;
  }
  const token = readLocal("token", z.string().min(1)) ?? null;
  useAccess.setState({ token, access: token ? "granted" : "missing" });
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
