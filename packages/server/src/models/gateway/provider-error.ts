import type { EndpointWire } from "@background-agents/shared/models/endpoint";

/** A refusal of our own, before the provider was asked or instead of what it said. */
export interface GatewayRefusal {
  status: number;
  /** Anthropic's names of error types; the OpenAI shape carries it as `code`. */
  type:
    | "invalid_request_error"
    | "authentication_error"
    | "permission_error"
    | "billing_error"
    | "not_found_error"
    | "request_too_large"
    | "rate_limit_error"
    | "overloaded_error"
    | "api_error";
  message: string;
}

/** The refusal as the provider would have written it, so that the agent shows the message to the user. */
export function providerErrorBody(wire: EndpointWire | undefined, refusal: GatewayRefusal): string {
  const { type, message } = refusal;
  if (wire === "openai-responses" || wire === "openai-chat") {
    const openaiType = refusal.status >= 500 ? "server_error" : "invalid_request_error";
    return JSON.stringify({ error: { message, type: openaiType, param: null, code: type } });
  }
  return JSON.stringify({ type: "error", error: { type, message } });
}
