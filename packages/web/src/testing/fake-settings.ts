import {
  ImportSecretsBody,
  PutEndpointBody,
  PutSecretBody,
  UpdateSettingsBody,
  UsageQuery,
} from "@background-agents/shared/protocol/guard-commands";
import type { SecretSummary } from "@background-agents/shared/secrets/secret";
import { type Setting, SETTING_KEYS, type SettingKey, SETTINGS } from "@background-agents/shared/settings/settings";
import type { Session } from "@background-agents/shared/sessions/session";
import { CANNED_PRESET, cannedEndpoints, cannedSecret, cannedUsage } from "./canned-guard.ts";
import type { FakeAnswer } from "./fake-review.ts";

/** The routes of settings, secrets, endpoints and usage: they keep what they are given and check little. */
export function createFakeSettings(deps: { session: Session }) {
  const { repository } = deps.session;
  const stored = new Map<string, Map<SettingKey, unknown>>();
  stored.set("global", new Map([["budget.session", { usd: 5 }]]));
  let secrets: SecretSummary[] = [
    cannedSecret("STAGING_DATABASE_URL", { repository: repository.id }),
    cannedSecret("NPM_TOKEN", { audience: "setup", repositories: [repository.id] }),
    cannedSecret("SENTRY_DSN"),
    cannedSecret("OLD_KEY", { readable: false }),
  ];
  let endpoints = cannedEndpoints();

  function settingsFor(scope: string): Setting[] {
    const shown = SETTING_KEYS.filter((key) =>
      (SETTINGS[key].scopes as readonly string[]).includes(scope === "global" ? "global" : "repository"),
    );
    return shown.map((key) => {
      const base = {
        value: SETTINGS[key].default as unknown,
        source: key === "sandbox.cpus" ? ("environment" as const) : ("default" as const),
      };
      const everywhere = stored.get("global")?.has(key)
        ? { value: stored.get("global")?.get(key), source: "global" as const }
        : base;
      const own = stored.get(scope)?.has(key)
        ? { value: stored.get(scope)?.get(key), source: "repository" as const }
        : everywhere;
      const added = key === "network.hosts" && own !== everywhere;
      const value = added ? [...(everywhere.value as string[]), ...(own.value as string[])] : own.value;
      const { scopes, variable } = SETTINGS[key];
      const inherited = scope === "global" ? base : everywhere;
      const found = scope === "global" ? everywhere : { ...own, value };
      return { key, ...found, scopes: [...scopes], variable, inherited };
    });
  }

  function update({ repository: id, values, reset }: UpdateSettingsBody): FakeAnswer {
    const scope = id ?? "global";
    const own = stored.get(scope) ?? new Map<SettingKey, unknown>();
    for (const [name, value] of Object.entries(values)) {
      const key = name as SettingKey;
      const parsed = SETTINGS[key].schema.safeParse(value);
      if (!parsed.success) {
        return refuse(400, "setting.invalid", `${key}: ${parsed.error.issues[0]?.message ?? "is not valid"}`);
      }
      own.set(key, parsed.data);
    }
    for (const key of reset) own.delete(key);
    stored.set(scope, own);
    return { status: 200, body: { settings: settingsFor(scope), preset: CANNED_PRESET } };
  }

  function putSecret(name: string, scope: string | null, body: PutSecretBody): FakeAnswer {
    const same = (one: SecretSummary) => one.name === name && one.repository === scope;
    const before = secrets.find(same) ?? cannedSecret(name, { repository: scope ? repository.id : null });
    const { audience = before.audience, repositories = before.repositories } = body;
    const updatedAt = new Date().toISOString();
    const secret = {
      ...before,
      audience,
      repositories,
      updatedAt,
      readable: before.readable || body.value !== undefined,
    };
    secrets = [...secrets.filter((one) => !same(one)), secret];
    return { status: 200, body: { secret } };
  }

  function importSecrets({ text, names, preview, repository: id, audience = "agent" }: ImportSecretsBody): FakeAnswer {
    const lines = text.split("\n");
    const found = lines.flatMap((line) => {
      const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
      if (name === undefined) return [];
      const reserved = name === "PATH";
      const known = secrets.some((one) => one.name === name && one.repository === (id ?? null));
      const action = reserved ? ("refuse" as const) : known ? ("replace" as const) : ("add" as const);
      return [{ name, length: value.length, action, reason: reserved ? "PATH is reserved." : null }];
    });
    const unreadLines = lines.flatMap((line, at) => (/^\s*($|#|(export\s+)?[A-Za-z_]\w*=)/.test(line) ? [] : [at + 1]));
    const chosen = found.filter(({ name, action }) => action !== "refuse" && (names?.includes(name) ?? true));
    if (!preview) for (const { name } of chosen) putSecret(name, id ?? null, { value: "x", audience });
    return { status: 200, body: { found, unreadLines, stored: preview ? 0 : chosen.length } };
  }

  function putEndpoint(id: string, body: PutEndpointBody): FakeAnswer {
    const before = endpoints.find((one) => one.id === id);
    const endpoint = {
      ...(before ?? {
        id,
        name: id,
        builtIn: false,
        wire: "openai-chat" as const,
        baseUrl: "",
        baseUrlSource: "global" as const,
        key: { set: false, source: null, hint: null },
        variable: null,
        models: [],
      }),
    };
    if (body.name) endpoint.name = body.name;
    if (body.wire) endpoint.wire = body.wire;
    if (body.models) endpoint.models = body.models;
    if (body.baseUrl) Object.assign(endpoint, { baseUrl: body.baseUrl, baseUrlSource: "global" });
    if (body.key) endpoint.key = { set: true, source: "global", hint: body.key.slice(-4) };
    if (body.key === null) endpoint.key = { set: false, source: null, hint: null };
    endpoints = before ? endpoints.map((one) => (one.id === id ? endpoint : one)) : [...endpoints, endpoint];
    return { status: 200, body: { endpoint } };
  }

  /** Null where the path is none of these. */
  function answer({ method, url, body }: { method: string; url: URL; body: unknown }): FakeAnswer | null {
    const scope = url.searchParams.get("repository");
    const [, room, name, verb] =
      /^\/api\/(settings|secrets|endpoints|usage)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (room === "settings") {
      if (method === "PUT") return update(UpdateSettingsBody.parse(body));
      return { status: 200, body: { settings: settingsFor(scope ?? "global"), preset: CANNED_PRESET } };
    }
    if (room === "usage") {
      return { status: 200, body: cannedUsage(UsageQuery.parse(Object.fromEntries(url.searchParams)).by, repository) };
    }
    if (room === "secrets") {
      if (name === "import") return importSecrets(ImportSecretsBody.parse(body));
      if (name === undefined)
        return { status: 200, body: { secrets: secrets.filter((one) => one.repository === scope) } };
      if (method === "PUT") return putSecret(name, scope, PutSecretBody.parse(body));
      secrets = secrets.filter((one) => one.name !== name || one.repository !== scope);
      return { status: 204, body: "" };
    }
    if (room === "endpoints") {
      if (name === undefined) return { status: 200, body: { endpoints } };
      if (verb === "test")
        return { status: 200, body: testOf(endpoints.find(({ id }) => id === name)?.key.set === true) };
      if (method === "PUT") return putEndpoint(name, PutEndpointBody.parse(body));
      endpoints = endpoints.filter(({ id }) => id !== name);
      return { status: 204, body: "" };
    }
    return null;
  }

  return { answer };
}

function testOf(hasKey: boolean) {
  if (hasKey)
    return { ok: true, message: "It answers and offers 2 models.", models: ["claude-sonnet-5", "claude-haiku-5"] };
  return { ok: false, message: "It refused the key: set one first.", models: [] };
}

function refuse(status: number, code: string, message: string): FakeAnswer {
  return { status, body: { error: { code, message } } };
}
