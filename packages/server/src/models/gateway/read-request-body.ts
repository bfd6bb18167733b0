import type { IncomingMessage } from "node:http";

export const REQUEST_BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * The whole body, or "too-large" as soon as it is over the limit (the rest is not read).
 * Rejects when the client goes away while sending.
 */
export async function readRequestBody(request: IncomingMessage, limitBytes: number): Promise<Buffer | "too-large"> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limitBytes) return "too-large";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) return "too-large";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
