import type { GatewayCall } from "./gateway-path.ts";

type Body = Readonly<Record<string, unknown>>;

/** Dearer ways of being served, which the prices of the catalogue do not know. */
const DEARER = ["service_tier", "speed", "inference_geo"];
/** Other models to take instead: routers before models know these, and only `model` was checked. */
const OTHER_MODELS = ["models", "route", "fallbacks"];

/**
 * What is asked of the provider, from what the agent asked: a stream of chat completions tells its tokens at the end;
 * dearer ways of being served and other models are left out. A string says why it is refused: a provider that fetches
 * addresses or runs tools of its own would be a way around the session's network, and what it does after it answered, or
 * keeps for later, cannot be counted.
 */
export function buildProviderBody(call: GatewayCall, asked: Body): Body | string {
  const left = new Set([...DEARER, ...OTHER_MODELS]);
  const body = Object.fromEntries(Object.entries(asked).filter(([field]) => !left.has(field)));
  const refusal = findReach(body) ?? findUncounted(body);
  if (refusal !== undefined) return refusal;
  if (call !== "chat-completions" || body["stream"] !== true) return body;
  return { ...body, stream_options: { ...asObject(body["stream_options"]), include_usage: true } };
}

function findUncounted(body: Body): string | undefined {
  if (body["background"] !== undefined && body["background"] !== null && body["background"] !== false)
    return "The model gateway makes no calls in the background: what they use could not be counted.";
  const items = Array.isArray(body["input"]) ? body["input"] : [];
  if (isSet(body["previous_response_id"]) || items.some((item) => asObject(item)["type"] === "item_reference"))
    return "The model gateway does not refer to earlier answers that the provider keeps: send the conversation itself.";
  return undefined;
}

/** The tools that the agent itself carries out. */
const OWN_TOOLS = new Set<unknown>([undefined, "function", "custom"]);

function findReach(body: Body): string | undefined {
  if (Array.isArray(body["mcp_servers"]) && body["mcp_servers"].length > 0) return refused("MCP servers");
  const tools = Array.isArray(body["tools"]) ? body["tools"] : [];
  const foreign = tools.map((tool) => asObject(tool)["type"]).find((type) => !OWN_TOOLS.has(type));
  if (foreign !== undefined) return refused(`the tool ${JSON.stringify(foreign).slice(0, 100)}`);
  for (const part of ["web_search_options", "plugins", "container", "prompt", "conversation"]) {
    if (body[part] !== undefined && body[part] !== null) return refused(part);
  }
  const fetched = ["system", "instructions", "messages", "input"].some((part) => fetchesAddress(body[part]));
  return fetched ? refused("pictures, recordings and documents by address: send what they hold") : undefined;
}

/** Only where a message has its content: what a tool is called with may hold anything. */
function fetchesAddress(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(fetchesAddress);
  const block = asObject(value);
  const source = asObject(block["source"]);
  if (source["type"] === "url") return true;
  // Servers know many: of pictures, films, recordings, documents.
  const named = Object.entries(block).filter(([key]) => /urls?$/i.test(key));
  if (named.some(([, address]) => isElsewhere(asObject(address)["url"] ?? address))) return true;
  if (isAddress(asObject(block["file"])["file_data"]) || isAddress(block["file_data"])) return true;
  const inside = [block["content"], block["output"], block["images"], source["content"]];
  return inside.some((part) => typeof part === "object" && part !== null && fetchesAddress(part));
}

function isElsewhere(address: unknown): boolean {
  return isSet(address) && !(typeof address === "string" && isData(address));
}

/** Not the content itself, as base64 has no colon. */
function isAddress(content: unknown): boolean {
  return typeof content === "string" && !isData(content) && content.slice(0, 100).includes(":");
}

function isData(address: string): boolean {
  return /^data:/i.test(address);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function refused(what: string): string {
  return `The model gateway does not pass on ${what}: only the sandbox's own network may be used.`;
}

function asObject(value: unknown): Body {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : {};
}
