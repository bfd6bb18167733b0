import { z } from "zod";

/** `none`: nothing. `allowlist`: the preset of package registries and the hosts added to it. `open`: every public host. */
export const NetworkMode = z.enum(["none", "allowlist", "open"]);
export type NetworkMode = z.infer<typeof NetworkMode>;

/** A host name in lower case (`api.example.com`), or `*.example.com` for every name below it, not itself. */
export const HostRule = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,62}$/,
    "must be a host name such as api.example.com, or *.example.com for the names below it",
  );
export type HostRule = z.infer<typeof HostRule>;

/** A host that the sandbox asked for and did not get; the user may let it through from here on. */
export const BlockedHost = z.object({
  requestId: z.string().min(1).max(200),
  host: z.string().max(253),
  port: z.int().nonnegative(),
  reason: z.string().max(500),
  /** How often it was asked for since the card is open. */
  times: z.int().positive(),
  at: z.iso.datetime(),
  /** False for what no answer can allow: a private address, another port. */
  allowable: z.boolean(),
});
export type BlockedHost = z.infer<typeof BlockedHost>;

/** For how long: until the running turn (the next one, where none runs) ends, for the session, for its repository. */
export const EgressScope = z.enum(["once", "session", "repository"]);
export type EgressScope = z.infer<typeof EgressScope>;
