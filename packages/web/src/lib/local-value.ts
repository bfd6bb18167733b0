import type { z } from "zod";

/** What the page remembers on this device. A value that does not fit (or a storage that is shut) counts as nothing. */
export function readLocal<T>(key: string, schema: z.ZodType<T>): T | undefined {
  try {
    const raw = localStorage.getItem(`background-agents.${key}`);
    if (raw === null) return undefined;
    const parsed = schema.safeParse(JSON.parse(raw));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export function writeLocal(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`background-agents.${key}`);
    else localStorage.setItem(`background-agents.${key}`, JSON.stringify(value));
  } catch {
    // Private windows may refuse storage; the page works without it.
  }
}
