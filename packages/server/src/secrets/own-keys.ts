import type { Config } from "../config.ts";
import { ensureApiToken } from "../http/api-token.ts";
import type { KnownValue } from "./redact.ts";

export const API_TOKEN_NAME = "API_TOKEN";

/** The server's own keys and tokens, by the name that stands in their place. */
export function listOwnKeys(config: Pick<Config, "keys" | "dataDir">): KnownValue[] {
  const { anthropic, openai } = config.keys;
  const values = {
    ...{ ANTHROPIC_API_KEY: anthropic, OPENAI_API_KEY: openai },
    [API_TOKEN_NAME]: ensureApiToken(config.dataDir),
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
