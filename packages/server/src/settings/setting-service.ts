import type { RepositoryId } from "@background-agents/shared/ids";
import {
  type Setting,
  SETTING_KEYS,
  type SettingKey,
  SETTINGS,
  type SettingSource,
  type SettingValue,
  type SettingValues,
} from "@background-agents/shared/settings/settings";
import { z } from "zod";
import type { Config } from "../config.ts";
import { AppError } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { SettingStore, StoredScope } from "./setting-store.ts";

export type SettingService = ReturnType<typeof createSettingService>;

interface Found {
  value: unknown;
  source: SettingSource;
}

/** Lists that a repository adds to instead of replacing them. */
const ADDED = new Set<SettingKey>(["network.hosts"]);

/** What holds, and where it comes from: the default, the environment, the page's value for all, the repository's. */
export function createSettingService(deps: {
  store: SettingStore;
  config: Pick<Config, "given" | "sandbox" | "gitCredentials">;
  clock: Clock;
  /** Throws `repository.not-found`. */
  requireRepository: (id: RepositoryId) => void;
  /** Called after values were stored. */
  onChanged?: (scope: StoredScope) => void;
}) {
  const { store, config, clock } = deps;
  const { sandbox } = config;
  const environment: { [K in SettingKey]?: SettingValue<K> } = {
    "network.mode": sandbox.network,
    "git.credentials": config.gitCredentials,
    "sandbox.memoryBytes": sandbox.memoryBytes,
    "sandbox.cpus": sandbox.cpus,
    "sandbox.diskBytes": sandbox.diskBytes,
    "sandbox.runtime": sandbox.runtime ?? null,
  };

  /** The value a key has by itself and from the environment. */
  function base(key: SettingKey): Found {
    const { variable, default: preset } = SETTINGS[key];
    const given = variable !== null && config.given.has(variable) && environment[key] !== undefined;
    return given ? { value: environment[key], source: "environment" } : { value: preset, source: "default" };
  }

  /** A stored value that an older or newer server wrote otherwise is as if it were not there. */
  function over(
    key: SettingKey,
    below: Found,
    { stored, source }: { stored: Map<string, unknown>; source: SettingSource },
  ): Found {
    if (!stored.has(key)) return below;
    const parsed = SETTINGS[key].schema.safeParse(stored.get(key));
    if (!parsed.success) return below;
    const added = ADDED.has(key) && source === "repository" && Array.isArray(below.value) && Array.isArray(parsed.data);
    const value: unknown = added
      ? [...new Set([...(below.value as unknown[]), ...(parsed.data as unknown[])])]
      : parsed.data;
    return { value, source };
  }

  function find(key: SettingKey, repositoryId: RepositoryId | undefined) {
    const everywhere = over(key, base(key), { stored: store.read("global"), source: "global" });
    if (repositoryId === undefined) return { found: everywhere, inherited: base(key) };
    const own = over(key, everywhere, { stored: store.read(repositoryId), source: "repository" });
    return { found: own, inherited: everywhere };
  }

  return {
    /** What holds for a repository; without one, for everything. */
    get<K extends SettingKey>(key: K, repositoryId?: RepositoryId): SettingValue<K> {
      return find(key, repositoryId).found.value as SettingValue<K>;
    },

    /** All of them, for a repository. */
    values(repositoryId?: RepositoryId): SettingValues {
      return Object.fromEntries(SETTING_KEYS.map((key) => [key, find(key, repositoryId).found.value])) as SettingValues;
    },

    /** What is set in the scope itself; undefined where nothing is, or nothing that can be read. */
    findOwn<K extends SettingKey>(key: K, scope: StoredScope): SettingValue<K> | undefined {
      const parsed = SETTINGS[key].schema.safeParse(store.read(scope).get(key));
      return parsed.success ? (parsed.data as SettingValue<K>) : undefined;
    },

    /** The settings that can be set in a scope, with where each value comes from. Throws `repository.not-found`. */
    list(repositoryId?: RepositoryId): Setting[] {
      if (repositoryId !== undefined) deps.requireRepository(repositoryId);
      const scope = repositoryId === undefined ? "global" : "repository";
      const offered = SETTING_KEYS.filter((key) => (SETTINGS[key].scopes as readonly string[]).includes(scope));
      return offered.map((key) => {
        const { found, inherited } = find(key, repositoryId);
        const { scopes, variable } = SETTINGS[key];
        return { key, ...found, scopes: [...scopes], variable, inherited };
      });
    },

    /** Stores all or none; `reset` takes values back. Throws `setting.invalid`, `repository.not-found`. */
    update(
      { values, reset = [] }: { values: Partial<Record<SettingKey, unknown>>; reset?: readonly SettingKey[] },
      repositoryId?: RepositoryId,
    ): void {
      if (repositoryId !== undefined) deps.requireRepository(repositoryId);
      const scope = repositoryId === undefined ? "global" : "repository";
      const checked = new Map<SettingKey, { value: unknown } | null>(reset.map((key) => [key, null]));
      for (const [name, value] of Object.entries(values)) {
        const key = name as SettingKey;
        if (!(SETTINGS[key].scopes as readonly string[]).includes(scope)) {
          const where = scope === "global" ? "of one repository" : "for all repositories together";
          throw new AppError("setting.invalid", `${key} can only be set ${where}.`, { details: { key } });
        }
        checked.set(key, { value: parse(key, value) });
      }
      store.write(repositoryId ?? "global", checked, clock.now());
      deps.onChanged?.(repositoryId ?? "global");
    },

    /** The repository is gone, and what was set for it. */
    forget: (repositoryId: RepositoryId): void => store.forget(repositoryId),
  };
}

function parse(key: SettingKey, value: unknown): unknown {
  const parsed = SETTINGS[key].schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError("setting.invalid", `${key}: ${z.prettifyError(parsed.error)}`, { details: { key } });
}
