import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/**
 * Passes bytes both ways until both sides ended, one of them failed, or nothing moved for `idleLimitMs`. A failure of
 * one side destroys the other. Resolves when both are closed.
 */
export async function joinTunnel(client: Duplex, remote: Duplex, idleLimitMs: number): Promise<void> {
  return new Promise((resolve) => {
    let closed = 0;
    const onClosed = (other: Duplex, whole: boolean) => {
      closed += 1;
      if (!whole) other.destroy();
      if (closed === 2) resolve();
    };
    const whenClosed = (stream: Duplex, other: Duplex) => {
      const closing = () => onClosed(other, stream.readableEnded && stream.writableFinished);
      if (stream.closed) closing();
      else stream.once("close", closing);
    };
    remote.on("error", () => client.destroy());
    whenClosed(client, remote);
    whenClosed(remote, client);
    if (remote instanceof Socket) remote.setTimeout(idleLimitMs, () => remote.destroy());
    client.pipe(remote);
    remote.pipe(client);
  });
}
