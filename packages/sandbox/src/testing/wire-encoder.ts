/** One event of a provider's SSE stream; its `type` is also the SSE event name. */
export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

/** How a wire format writes what the scripted model says. Holds the state of one answer. */
export interface WireEncoder {
  start(): WireEvent[];
  openText(): WireEvent | WireEvent[];
  textDelta(text: string): WireEvent[];
  closeText(): WireEvent[];
  thinking(text: string): WireEvent[];
  tool(name: string, input: Record<string, unknown>): WireEvent[];
  end(): WireEvent[];
  errorBody(status: number, message: string): Record<string, unknown>;
}
