import { onTestFinished } from "vitest";
import { startLocalGateway } from "./local-gateway.ts";

/** The head of an answer that comes piece by piece. */
export const STREAM = { "content-type": "text/event-stream" };

/** A local gateway that ends with the test that opened it. */
export async function openGateway(...options: Parameters<typeof startLocalGateway>) {
  const gateway = await startLocalGateway(...options);
  onTestFinished(() => gateway.close());
  return gateway;
}
