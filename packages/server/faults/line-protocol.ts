import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";

/** JSON lines between the server under test and the process that holds the engine, in both directions. */
export const Line = z.discriminatedUnion("type", [
  z.object({ type: z.literal("call"), id: z.int(), method: z.string(), args: z.array(z.unknown()) }),
  z.object({ type: z.literal("result"), id: z.int(), value: z.unknown() }),
  z.object({ type: z.literal("error"), id: z.int(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal("ended"), instance: z.unknown() }),
  z.object({ type: z.literal("clock"), offsetMs: z.number() }),
]);
export type Line = z.infer<typeof Line>;

export function sendLine(socket: Socket, line: Line): void {
  if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
}

/** Calls back with each line; one that is none of ours ends the connection. */
export function receiveLines(socket: Socket, onLine: (line: Line) => void): void {
  const lines = createInterface({ input: socket, crlfDelay: Infinity });
  lines.on("line", (text) => {
    const line = Line.safeParse(JSON.parse(text));
    if (line.success) onLine(line.data);
    else socket.destroy(new Error(`not a line of the engine's protocol: ${text.slice(0, 200)}`));
  });
  // The other process was killed: its owner hears of it by the socket's close.
  lines.on("error", () => undefined);
}
