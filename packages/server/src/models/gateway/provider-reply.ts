/** A provider's answer on its way to the agent. */
export interface ProviderReply {
  status: number;
  headers: Record<string, string | string[]>;
  /** Throws when the provider's side broke before its end. */
  body: AsyncIterable<Uint8Array>;
}
