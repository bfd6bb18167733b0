import { Socket } from "node:net";
import type { Duplex, Transform } from "node:stream";

export interface JoinOrder {
  client: Duplex;
  remote: Duplex;
  /** What the client says goes through it. */
  gate?: Transform | undefined;
  idleLimitMs: number;
}

/**
 * Passes bytes both ways until both sides ended, one of them failed, or nothing moved for `idleLimitMs`. A failure of
 * one side destroys the other. Resolves when both are closed.
 */
export async function joinTunnel({ client, remote, gate, idleLimitMs }: JoinOrder): Promise<void> {
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
    if (gate) client.pipe(gate).pipe(remote);
    else client.pipe(remote);
    remote.pipe(client);
  });
}
