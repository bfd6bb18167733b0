import type { z } from "zod";

/** Why a text does not fit, in the schema's own words; null where it does. */
export function wordProblem(schema: z.ZodType<unknown>, text: string): string | null {
  const parsed = schema.safeParse(text);
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? "is not valid");
}

/** What people paste for a host: an address, a port, capitals. */
export function hostOf(text: string): string {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "");
  return (/^[^/:?#]*/.exec(host)?.[0] ?? "").replace(/\.$/, "");
}
