import { decodeTime, monotonicFactory } from "ulid";
import { z } from "zod";

/**
 * Ids are `<prefix>_<ulid in lower case>`: globally unique, made by whoever creates the thing (client or server),
 * and sortable by the time they were made.
 */
export const ID_PREFIXES = {
  session: "ses",
  prompt: "prm",
  turn: "trn",
  boot: "boo",
  checkpoint: "chk",
  repository: "rep",
  comment: "cmt",
  job: "job",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const ulid = monotonicFactory();

function idSchema<K extends IdKind>(kind: K) {
  const pattern = new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-hjkmnp-tv-z]{26}$`);
  return z
    .string()
    .regex(pattern, `must look like ${ID_PREFIXES[kind]}_ followed by 26 characters (a ULID in lower case)`)
    .brand<K>();
}

export const SessionId = idSchema("session");
export const PromptId = idSchema("prompt");
export const TurnId = idSchema("turn");
export const BootId = idSchema("boot");
export const CheckpointId = idSchema("checkpoint");
export const RepositoryId = idSchema("repository");
export const CommentId = idSchema("comment");
export const JobId = idSchema("job");

export type SessionId = z.infer<typeof SessionId>;
export type PromptId = z.infer<typeof PromptId>;
export type TurnId = z.infer<typeof TurnId>;
export type BootId = z.infer<typeof BootId>;
export type CheckpointId = z.infer<typeof CheckpointId>;
export type RepositoryId = z.infer<typeof RepositoryId>;
export type CommentId = z.infer<typeof CommentId>;
export type JobId = z.infer<typeof JobId>;

const SCHEMAS = {
  session: SessionId,
  prompt: PromptId,
  turn: TurnId,
  boot: BootId,
  checkpoint: CheckpointId,
  repository: RepositoryId,
  comment: CommentId,
  job: JobId,
} as const;

export type Id<K extends IdKind> = z.infer<(typeof SCHEMAS)[K]>;

/** A new id of the kind, later in sort order than every id this process made before it. */
export function newId<K extends IdKind>(kind: K): Id<K> {
  return SCHEMAS[kind].parse(`${ID_PREFIXES[kind]}_${ulid().toLowerCase()}`) as Id<K>;
}

/** When an id was made, in epoch milliseconds, by the clock of its maker. */
export function timeOfId(id: Id<IdKind>): number {
  return decodeTime(id.slice(id.indexOf("_") + 1).toUpperCase());
}
