import type { IncomingMessage } from "node:http";

export const REQUEST_BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** How long a body may take. It comes from a container on this machine: one that is not there soon is not meant. */
export interface BodyPatience {
  /** Without anything of it. */
  idleMs: number;
  wholeMs: number;
}

export const BODY_PATIENCE: BodyPatience = { idleMs: 15_000, wholeMs: 120_000 };

/** Why there is no body: it is over the limit; it did not come; there is no room for it now. */
export type Unread = "too-large" | "too-slow" | "no-room";

/**
 * The whole body, or why not. What is over the limit is not read further; what there is no room for is read to its end,
 * and dropped, so that the client is still there for the answer. Rejects when the client goes away while sending.
 */
export function readRequestBody(
  request: IncomingMessage,
  options: { limitBytes: number; patience: BodyPatience; takeRoom: (bytes: number) => boolean },
): Promise<Buffer | Unread> {
  const { limitBytes, patience, takeRoom } = options;
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return Promise.resolve("too-large");
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let hasRoom = takeRoom(0);
    const finish = (result: Buffer | Unread | Error): void => {
      clearTimeout(idle);
      clearTimeout(whole);
      request.off("data", take).off("end", end).off("error", finish).off("close", leave);
      request.pause();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const take = (chunk: Buffer): void => {
      idle.refresh();
      size += chunk.length;
      if (size > limitBytes) return finish("too-large");
      hasRoom &&= takeRoom(chunk.length);
      if (hasRoom) chunks.push(chunk);
      else chunks.length = 0;
    };
    const end = (): void => finish(hasRoom ? Buffer.concat(chunks) : "no-room");
    const leave = (): void => finish(new Error("the client went away while it sent its body"));
    const idle = setTimeout(() => finish("too-slow"), patience.idleMs);
    const whole = setTimeout(() => finish("too-slow"), patience.wholeMs);
    request.on("data", take).on("end", end).on("error", finish).on("close", leave);
  });
}
