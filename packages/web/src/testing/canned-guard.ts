import type { RepositoryId } from "@background-agents/shared/ids";
import type { Endpoint } from "@background-agents/shared/models/endpoint";
import type { UsageAnswer } from "@background-agents/shared/protocol/guard-commands";
import type { SecretSummary } from "@background-agents/shared/secrets/secret";

export const CANNED_PRESET = [
  { host: "registry.npmjs.org", why: "npm packages" },
  { host: "pypi.org", why: "Python packages" },
  { host: "files.pythonhosted.org", why: "Python packages" },
  { host: "index.crates.io", why: "Rust crates" },
  { host: "proxy.golang.org", why: "Go modules" },
];

export function cannedEndpoints(): Endpoint[] {
  const builtIn = { builtIn: true, baseUrlSource: "default" as const, models: [] };
  return [
    {
      ...builtIn,
      id: "anthropic",
      name: "Anthropic",
      wire: "anthropic",
      baseUrl: "https://api.anthropic.com",
      key: { set: true, source: "environment", hint: "x7Qa" },
      variable: "ANTHROPIC_API_KEY",
    },
    {
      ...builtIn,
      id: "openai",
      name: "OpenAI",
      wire: "openai-responses",
      baseUrl: "https://api.openai.com/v1",
      key: { set: false, source: null, hint: null },
      variable: "OPENAI_API_KEY",
    },
    {
      id: "local",
      name: "On this machine",
      builtIn: false,
      wire: "openai-chat",
      baseUrl: "http://127.0.0.1:11434/v1",
      baseUrlSource: "global",
      key: { set: false, source: null, hint: null },
      variable: null,
      models: [{ id: "qwen3:32b", contextTokens: 128_000, outputTokens: 16_384, pricing: null }],
    },
  ];
}

export function cannedSecret(name: string, over: Partial<SecretSummary> = {}): SecretSummary {
  const at = "2026-11-20T09:00:00.000Z";
  return {
    name,
    repository: null,
    audience: "agent",
    repositories: null,
    createdAt: at,
    updatedAt: at,
    readable: true,
    ...over,
  };
}

export function cannedUsage(by: UsageAnswer["by"], repository: { id: RepositoryId; name: string }): UsageAnswer {
  const row = (key: string, label: string, share: number) => ({
    key,
    label,
    inputTokens: Math.round(2_400_000 * share),
    outputTokens: Math.round(90_000 * share),
    costUsd: 6.4 * share,
    minutes: Math.round(140 * share),
  });
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const rows = {
    day: [row(day(0), day(0), 0.6), row(day(1), day(1), 1), row(day(3), day(3), 0.2)],
    model: [row("anthropic/claude-sonnet-5", "Claude Sonnet 5", 1.5), row("local/qwen3:32b", "qwen3:32b", 0.3)],
    repository: [row(repository.id, repository.name, 1.8)],
    session: [row("ses_a", "Rate-limit the public API", 0.9), row("ses_b", "Upgrade to Fastify 5", 0.6)],
  };
  return { by, rows: rows[by], today: { budget: { usd: 5, minutes: 240 }, usd: 4.2, tokens: 1_500_000, minutes: 84 } };
}
