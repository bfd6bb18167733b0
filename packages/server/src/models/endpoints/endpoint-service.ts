import type { Endpoint, EndpointId } from "@background-agents/shared/models/endpoint";
import type { PutEndpointBody } from "@background-agents/shared/protocol/guard-commands";
import type { Config } from "../../config.ts";
import { AppError } from "../../lib/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { KnownValue } from "../../secrets/redact.ts";
import type { Sealer } from "../../secrets/seal.ts";
import { KEY_VARIABLES, KEYED_PROVIDERS, type KeyedProvider } from "../keyed-providers.ts";
import { addedUpstream, BUILT_IN_WIRES, builtInUpstream, type FindUpstream } from "../provider-upstreams.ts";
import { requireEndpointAddress } from "./endpoint-address.ts";
import type { EndpointStore, StoredEndpoint } from "./endpoint-store.ts";

export type EndpointService = ReturnType<typeof createEndpointService>;

const NAMES: Record<KeyedProvider, string> = { anthropic: "Anthropic", openai: "OpenAI" };
const URL_VARIABLES: Record<KeyedProvider, string> = { anthropic: "ANTHROPIC_BASE_URL", openai: "OPENAI_BASE_URL" };
const RESERVED = new Set(["demo"]);
/** Shorter keys say too much of themselves with four characters. */
const HINTED_LENGTH = 20;

/**
 * Where models are reached and with what key. What the page set wins over `.env`; a key is sealed on disk, opened for
 * each call and never given back.
 */
export function createEndpointService(deps: {
  store: EndpointStore;
  sealer: Pick<Sealer, "seal" | "open">;
  config: Pick<Config, "keys" | "baseUrls" | "given">;
  clock: Clock;
  /** Titles of the sessions that are not put away and use one of the endpoint's models: of `models`, or any of them. */
  listUsers: (id: string, models?: readonly string[]) => string[];
  /** Called after something was stored. */
  onChanged: (id: string) => void;
}) {
  const { store, sealer, config } = deps;
  let known: readonly KnownValue[] | undefined;

  const builtIn = (id: string) => KEYED_PROVIDERS.find((provider) => provider === id);

  const openKey = (stored: StoredEndpoint | undefined): string | undefined =>
    stored?.sealedKey ? sealer.open(stored.sealedKey, ["endpoint", stored.id]) : undefined;

  function describeBuiltIn(id: KeyedProvider, stored: StoredEndpoint | undefined): Endpoint {
    const environment = config.keys[id];
    const set = stored?.sealedKey ? "global" : environment === undefined ? null : "environment";
    return {
      ...{ id, name: NAMES[id], builtIn: true, wire: BUILT_IN_WIRES[id], models: [] },
      baseUrl: stored?.baseUrl ?? config.baseUrls[id],
      baseUrlSource: stored?.baseUrl ? "global" : config.given.has(URL_VARIABLES[id]) ? "environment" : "default",
      key: {
        set: set !== null,
        source: set,
        hint: set === "global" ? (stored?.keyHint ?? null) : environment === undefined ? null : hintOf(environment),
      },
      variable: KEY_VARIABLES[id],
    };
  }

  function describeAdded(stored: StoredEndpoint): Endpoint | undefined {
    const { id, name, wire, baseUrl, models, sealedKey, keyHint } = stored;
    if (!wire || !baseUrl) return undefined;
    return {
      ...{ id, name: name ?? id, builtIn: false, wire, baseUrl, baseUrlSource: "global", models, variable: null },
      key: { set: sealedKey !== null, source: sealedKey ? "global" : null, hint: keyHint },
    };
  }

  function find(id: string): Endpoint | undefined {
    const provider = builtIn(id);
    const stored = store.find(id);
    return provider ? describeBuiltIn(provider, stored) : stored && describeAdded(stored);
  }

  function require(id: string): Endpoint {
    const endpoint = find(id);
    if (!endpoint) throw new AppError("endpoint.not-found", `There is no endpoint ${id}.`);
    return endpoint;
  }

  const listAdded = (): Endpoint[] =>
    store.list().flatMap((stored) => (builtIn(stored.id) ? [] : (describeAdded(stored) ?? [])));

  function sealed(id: string, key: string | null | undefined, before: StoredEndpoint | undefined) {
    if (key === undefined) return { sealedKey: before?.sealedKey ?? null, keyHint: before?.keyHint ?? null };
    if (key === null) return { sealedKey: null, keyHint: null };
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new AppError("endpoint.invalid", "The key holds a space, a line break or a letter that no key has.");
    }
    return { sealedKey: sealer.seal(key, ["endpoint", id]), keyHint: hintOf(key) };
  }

  /** Models that sessions use cannot be taken away from under them. */
  function requireUnused(id: string, models?: readonly string[]): void {
    const users = deps.listUsers(id, models);
    const [first] = users;
    if (first === undefined) return;
    const who =
      users.length === 1 ? `The session "${first}" uses` : `${users.length} sessions (such as "${first}") use`;
    throw new AppError(
      "endpoint.in-use",
      `${who} ${models ? `${id}/${models[0] ?? ""}` : `models of ${id}`}: choose another model there, or archive it, first.`,
      { details: { sessions: users } },
    );
  }

  function putBuiltIn(id: KeyedProvider, { baseUrl, key, ...more }: PutEndpointBody): void {
    if (Object.keys(more).length > 0) {
      throw new AppError("endpoint.invalid", `Of ${NAMES[id]} only the address and the key can be changed.`);
    }
    const before = store.find(id);
    const address = baseUrl === undefined ? (before?.baseUrl ?? null) : baseUrl;
    const kept = sealed(id, key, before);
    if (address === null && kept.sealedKey === null) store.remove(id);
    else store.save({ id, name: null, wire: null, baseUrl: address, models: [], ...kept }, deps.clock.now());
  }

  function putAdded(id: EndpointId, body: PutEndpointBody): void {
    if (RESERVED.has(id)) throw new AppError("endpoint.invalid", `The id ${id} is taken: choose another one.`);
    const before = store.find(id);
    const wire = body.wire ?? before?.wire;
    const baseUrl = body.baseUrl ?? before?.baseUrl;
    if (!wire || !baseUrl || body.baseUrl === null) {
      throw new AppError("endpoint.invalid", "An endpoint needs a wire format and an address.");
    }
    const models = body.models ?? before?.models ?? [];
    const names = new Set(models.map((model) => model.id));
    if (names.size < models.length) throw new AppError("endpoint.invalid", "A model is named twice.");
    const gone = (before?.models ?? []).map((model) => model.id).filter((model) => !names.has(model));
    if (gone.length > 0) requireUnused(id, gone);
    const name = body.name ?? before?.name ?? id;
    store.save({ id, name, wire, baseUrl, models, ...sealed(id, body.key, before) }, deps.clock.now());
  }

  const findUpstream: FindUpstream = (id) => {
    const provider = builtIn(id);
    const stored = store.find(id);
    if (!provider && !(stored?.wire && stored.baseUrl)) return undefined;
    const own = openKey(stored);
    const upstream = provider
      ? builtInUpstream(provider, {
          baseUrl: stored?.baseUrl ?? config.baseUrls[provider],
          key: stored?.sealedKey ? own : config.keys[provider],
        })
      : stored?.wire && addedUpstream(stored.wire, { baseUrl: stored.baseUrl ?? "", key: own });
    if (!upstream) return undefined;
    const unreadable = stored?.sealedKey && own === undefined;
    return unreadable ? { ...upstream, problem: "Its key cannot be read any more: set it anew" } : upstream;
  };

  return {
    findUpstream,
    find,
    require,

    /** The built-in providers, then the user's own in the order in which they were added. */
    list: (): Endpoint[] => [...KEYED_PROVIDERS.map((id) => describeBuiltIn(id, store.find(id))), ...listAdded()],

    listAdded,

    /** The keys set in the page, for those who must not let one through. Read often, so they are kept until one changes. */
    listKnownKeys(): readonly KnownValue[] {
      known ??= store.list().flatMap((stored) => {
        const value = openKey(stored);
        return value === undefined ? [] : [{ name: `key of ${stored.id}`, value }];
      });
      return known;
    },

    /** Throws `endpoint.invalid` and, for a model that is taken away, `endpoint.in-use`. */
    put(id: EndpointId, body: PutEndpointBody): Endpoint {
      if (typeof body.baseUrl === "string") requireEndpointAddress(body.baseUrl);
      const provider = builtIn(id);
      if (provider) putBuiltIn(provider, body);
      else putAdded(id, body);
      known = undefined;
      deps.onChanged(id);
      return require(id);
    },

    /** A built-in provider goes back to `.env`. Throws `endpoint.not-found`, `endpoint.in-use`. */
    remove(id: EndpointId): void {
      require(id);
      if (!builtIn(id)) requireUnused(id);
      store.remove(id);
      known = undefined;
      deps.onChanged(id);
    },
  };
}

function hintOf(key: string): string | null {
  return key.length > HINTED_LENGTH ? key.slice(-4) : null;
}
