import { z } from "zod";
import { SettingSource } from "../settings/settings.ts";
import { Pricing } from "./catalogue.ts";

/** The wire format: Anthropic's messages, OpenAI's responses, or OpenAI's chat completions (most compatible servers). */
export const EndpointWire = z.enum(["anthropic", "openai-responses", "openai-chat"]);
export type EndpointWire = z.infer<typeof EndpointWire>;

/** A provider's id is the first part of its models' ids. */
export const EndpointId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be lower-case letters, digits and dashes, at most 40");
export type EndpointId = z.infer<typeof EndpointId>;

export const EndpointModel = z.strictObject({
  /** As the endpoint calls it. */
  id: z.string().min(1).max(150).regex(/^\S+$/, "must not contain spaces"),
  name: z.string().max(100).optional(),
  contextTokens: z.int().positive().default(128_000),
  outputTokens: z.int().positive().default(16_384),
  pricing: Pricing.nullable().default(null),
});
export type EndpointModel = z.infer<typeof EndpointModel>;

/** Where models are reached: the two built-in providers, and endpoints that the user added. */
export const Endpoint = z.object({
  id: EndpointId,
  name: z.string(),
  builtIn: z.boolean(),
  wire: EndpointWire,
  baseUrl: z.string(),
  baseUrlSource: SettingSource,
  key: z.object({
    set: z.boolean(),
    source: SettingSource.nullable(),
    /** Its last four characters, where it is longer than 20. */
    hint: z.string().nullable(),
  }),
  /** The variable of `.env` that holds its key, where there is one. */
  variable: z.string().nullable(),
  models: z.array(EndpointModel),
});
export type Endpoint = z.infer<typeof Endpoint>;
