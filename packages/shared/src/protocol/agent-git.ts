import { z } from "zod";
import { CommitId } from "../sessions/session.ts";

/**
 * What `git push`, `git fetch` and `gh` inside a container ask of the server, over the hub. The programs that ask hold
 * nothing but the boot's token; the server decides by session, branch and policy, and never by what they say they are.
 *
 * - `GET  /git/refs` → `RemoteRefs`: branches of the repository's remote, as the server fetched them just now.
 * - `POST /git/fetch` `FetchRequest` → a bundle (`application/octet-stream`), or 204 where nothing is missing.
 * - `PUT  /git/push/<requestId>?commit=&branch=` with a bundle as body (empty: nothing new) → `PushAnswer`. May wait long for the user;
 *   the same request id after a cut connection joins the same request.
 * - `DELETE /git/push/<requestId>`: the command was interrupted; its request is taken back. 204.
 * - `POST /gh` `GhRequest` → `GhAnswer`.
 */
export const RemoteRefs = z.object({
  /** Null: the repository has no remote. */
  remote: z.string().nullable(),
  refs: z.array(z.object({ name: z.string(), commit: CommitId })),
});
export type RemoteRefs = z.infer<typeof RemoteRefs>;

export const FetchRequest = z.strictObject({
  refs: z.array(z.string().min(1).max(300)).min(1).max(50),
  have: z.array(CommitId).max(256),
  /** The asker sees the objects of the mirror: they need not be sent. */
  sharesMirror: z.boolean().optional(),
});
export type FetchRequest = z.infer<typeof FetchRequest>;

export const PushAnswer = z.object({
  ok: z.boolean(),
  /** For the agent: what came of it, or why not. */
  message: z.string().max(8000),
});
export type PushAnswer = z.infer<typeof PushAnswer>;

export const GhRequest = z.discriminatedUnion("command", [
  z.strictObject({
    command: z.literal("pr-create"),
    requestId: z.string().min(1).max(100),
    title: z.string().max(256).optional(),
    body: z.string().max(65_536).optional(),
    base: z.string().max(200).optional(),
    draft: z.boolean().default(false),
  }),
  /** `json`: the names of gh's fields to give, for programs; without it, text to read. */
  z.strictObject({ command: z.literal("pr-view"), json: z.array(z.string().max(50)).max(50).optional() }),
  z.strictObject({ command: z.literal("pr-checks") }),
]);
export type GhRequest = z.infer<typeof GhRequest>;

export const GhAnswer = z.object({ exitCode: z.int().min(0).max(255), stdout: z.string(), stderr: z.string() });
export type GhAnswer = z.infer<typeof GhAnswer>;
