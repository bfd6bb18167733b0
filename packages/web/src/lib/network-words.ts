import type { NetworkMode } from "@background-agents/shared/egress/network";

/** What a sandbox may reach, in each mode. */
export const NETWORK_OPTIONS = [
  {
    value: "allowlist",
    label: "Package registries and listed hosts",
    detail: "Anything else is refused, and a card asks you.",
  },
  { value: "none", label: "Nothing", detail: "No network at all. The model is still reached, by way of the server." },
  { value: "open", label: "Every public host", detail: "Not your own network. The session wears a badge." },
] as const satisfies readonly { value: NetworkMode; label: string; detail: string }[];

/** Each mode in two words. */
export const NETWORK_WORDS: Record<NetworkMode, string> = {
  none: "no network",
  allowlist: "listed hosts",
  open: "open network",
};
