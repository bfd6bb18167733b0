import { z } from "zod";
import { EgressScope, HostRule } from "../egress/network.ts";
import { PromptId, RepositoryId, SessionId } from "../ids.ts";
import { Endpoint, EndpointModel, EndpointWire } from "../models/endpoint.ts";
import { SecretAudience, SecretName, SecretSummary } from "../secrets/secret.ts";
import { ListeningPort } from "../sessions/listening-port.ts";
import { Setting, SettingKeySchema } from "../settings/settings.ts";
import { Budget } from "../usage/budget.ts";

/** Bodies and answers of what guards a session: settings, secrets, network, budgets, endpoints, setup, previews. */

/** `GET /api/settings`: as they hold for everything, or for one repository. */
export const SettingsQuery = z.object({ repository: RepositoryId.optional() });
export const SettingsAnswer = z.object({
  settings: z.array(Setting),
  /** The hosts that `allowlist` has by itself, with what each is for. */
  preset: z.array(z.object({ host: z.string(), why: z.string() })),
});
export type SettingsAnswer = z.infer<typeof SettingsAnswer>;

/**
 * `PUT /api/settings`: values by key, and the keys whose value is taken back. All or none are stored; they hold from the
 * next start of a sandbox, or the next turn, on.
 */
export const UpdateSettingsBody = z.strictObject({
  repository: RepositoryId.optional(),
  values: z.partialRecord(SettingKeySchema, z.unknown()).default({}),
  reset: z.array(SettingKeySchema).default([]),
});
export type UpdateSettingsBody = z.infer<typeof UpdateSettingsBody>;

/** `GET /api/secrets?repository=`: the global ones, or those of one repository. */
export const SecretsAnswer = z.object({ secrets: z.array(SecretSummary) });
/** `PUT /api/secrets/:name?repository=`. Without `value` an existing secret keeps its own. */
export const PutSecretBody = z.strictObject({
  value: z.string().min(1).optional(),
  audience: SecretAudience.optional(),
  repositories: z.array(RepositoryId).max(500).nullable().optional(),
});
export type PutSecretBody = z.infer<typeof PutSecretBody>;
/** `POST /api/secrets/import`: the text of a `.env` file. With `preview` nothing is stored. */
export const ImportSecretsBody = z.strictObject({
  repository: RepositoryId.optional(),
  text: z.string().max(1_048_576),
  audience: SecretAudience.optional(),
  /** Only these of the names found. */
  names: z.array(SecretName).max(500).optional(),
  preview: z.boolean().default(false),
});
export type ImportSecretsBody = z.infer<typeof ImportSecretsBody>;
export const ImportSecretsAnswer = z.object({
  found: z.array(
    z.object({
      name: z.string(),
      /** Length of the value in characters; the value itself is not repeated. */
      length: z.int().nonnegative(),
      action: z.enum(["add", "replace", "refuse"]),
      /** Why it is refused. */
      reason: z.string().nullable(),
    }),
  ),
  /** Lines that are no assignment, by number, from 1. */
  unreadLines: z.array(z.int().positive()),
  stored: z.int().nonnegative(),
});
export type ImportSecretsAnswer = z.infer<typeof ImportSecretsAnswer>;

/** `POST /api/sessions/:id/egress/:requestId`. `allow` null puts the card away. */
export const AnswerEgressBody = z.strictObject({
  allow: EgressScope.nullable(),
  /** Tells the agent that the host is open now: as a steer where a turn runs, else as the next prompt. */
  tellAgent: z.boolean().default(false),
});
export type AnswerEgressBody = z.infer<typeof AnswerEgressBody>;

/** `PUT /api/sessions/:id/allowed-hosts`: what the session may reach beside its repository's list. */
export const AllowedHostsBody = z.strictObject({ hosts: z.array(HostRule).max(500) });

/** `PUT /api/sessions/:id/budget`: the session's own limits; null goes back to those of its repository. */
export const SessionBudgetBody = z.strictObject({ budget: Budget.nullable() });

/** `GET /api/usage?by=`. */
export const UsageQuery = z.object({
  by: z.enum(["day", "session", "model", "repository"]).default("day"),
  /** Calendar days of the server, `2026-11-23`, both included. */
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
});
export const UsageAnswer = z.object({
  by: UsageQuery.shape.by.unwrap(),
  rows: z.array(
    z.object({
      /** The day, or the id of the session, model or repository. */
      key: z.string(),
      label: z.string(),
      inputTokens: z.int().nonnegative(),
      outputTokens: z.int().nonnegative(),
      costUsd: z.number().nonnegative(),
      minutes: z.number().nonnegative(),
    }),
  ),
  /** What today's limits are and how much of them is used. */
  today: z.object({ budget: Budget, usd: z.number(), tokens: z.number(), minutes: z.number() }),
});
export type UsageAnswer = z.infer<typeof UsageAnswer>;

/** `GET /api/endpoints`. */
export const EndpointsAnswer = z.object({ endpoints: z.array(Endpoint) });
export const EndpointAnswer = z.object({ endpoint: Endpoint });
/** `PUT /api/endpoints/:id`: of the built-in ones only `baseUrl` and `key`; null takes a value set in the page back. */
export const PutEndpointBody = z.strictObject({
  name: z.string().trim().min(1).max(60).optional(),
  wire: EndpointWire.optional(),
  baseUrl: z.url().max(2048).nullable().optional(),
  /** Write-only. */
  key: z.string().trim().min(1).max(4096).nullable().optional(),
  models: z.array(EndpointModel).max(200).optional(),
});
export type PutEndpointBody = z.infer<typeof PutEndpointBody>;
/** `POST /api/endpoints/:id/test`: one small call with the key at hand. */
export const EndpointTestAnswer = z.object({
  ok: z.boolean(),
  /** What came of it, in words: how many models, or what went wrong and what to do. */
  message: z.string(),
  models: z.array(z.string()),
});
export type EndpointTestAnswer = z.infer<typeof EndpointTestAnswer>;

/** `POST /api/sessions/:id/setup`: runs the setup script again. 202. */
export const RunSetupBody = z.strictObject({ id: PromptId.optional() });

/** `GET /api/sessions/:id/ports`: what listens on the sandbox's own loopback. */
export const PortsAnswer = z.object({ ports: z.array(ListeningPort) });
/** `POST /api/sessions/:id/previews` `{ port }`: an address for the page, on an origin of its own, for as long as it is used. */
export const PreviewBody = z.strictObject({ port: z.int().min(1).max(65_535) });
export const PreviewAnswer = z.object({ sessionId: SessionId, port: z.int(), url: z.url() });
