import type { z } from "zod";

/** Why a text does not fit, in the schema's own words; null where it does. */
export function wordProblem(schema: z.ZodType<unknown>, text: string): string | null {
  const parsed = schema.safeParse(text);
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? "is not valid");
}

/** What people paste for a host: an address, a port, capitals, letters of their own language. */
export function hostOf(text: string): string {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "");
  return inAscii((/^[^/:?#]*/.exec(host)?.[0] ?? "").replace(/\.$/, ""));
}

/** A name in another script, as the network knows it: `münchen.de` → `xn--mnchen-3ya.de`. */
function inAscii(host: string): string {
  const [, wildcard = "", name = ""] = /^(\*\.)?(.*)$/.exec(host) ?? [];
  // oxlint-disable-next-line no-control-regex -- all of ASCII is meant
  if (/^[\u0000-\u007F]*$/.test(name) || !URL.canParse(`https://${name}`)) return host;
  return wildcard + new URL(`https://${name}`).hostname;
}
