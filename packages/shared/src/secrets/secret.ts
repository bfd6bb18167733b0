import { z } from "zod";
import { RepositoryId } from "../ids.ts";

/** Limits as they are usual in the field. */
export const SECRETS_PER_SCOPE = 50;
export const SECRET_VALUE_BYTES = 16_384;
/** Shorter values, and shorter pieces of values, are found in too much that is harmless: nothing is looked through for them. */
export const SHORTEST_SECRET = 6;

/** The name of an environment variable. */
export const SecretName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must look like a variable: letters, digits and _, not beginning with a digit");
export type SecretName = z.infer<typeof SecretName>;

/** Who gets it: the agent and all it starts (it can be read there), or the setup script alone, in a container of its own. */
export const SecretAudience = z.enum(["agent", "setup"]);
export type SecretAudience = z.infer<typeof SecretAudience>;

/** What is shown of a secret. Its value is never given back. */
export const SecretSummary = z.object({
  name: SecretName,
  /** Null: for every repository, unless `repositories` names some. */
  repository: RepositoryId.nullable(),
  audience: SecretAudience,
  /** Of a global secret: the only repositories that get it; null: all. */
  repositories: z.array(RepositoryId).nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** False: its value cannot be read with the key at hand; set it anew. */
  readable: z.boolean(),
});
export type SecretSummary = z.infer<typeof SecretSummary>;
