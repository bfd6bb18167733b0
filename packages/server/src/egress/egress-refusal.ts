import type { Duplex } from "node:stream";
import type { PolicyRefusal } from "./egress-policy.ts";

/** Why a CONNECT came to nothing. */
export interface EgressRefusal {
  status: 403 | 429 | 502;
  reason: string;
  /** What the user is told of it, where the policy forbade it. */
  blocked?: PolicyRefusal;
}

/** How long a client that does not hang up after the answer is waited for. */
const HANG_UP_MS = 5_000;

export function forbidden(refusal: PolicyRefusal): EgressRefusal {
  const { reason, allowable } = refusal;
  const asked = allowable ? "; the user was asked and may allow it" : "";
  return { status: 403, reason: `Blocked by the sandbox's network policy: ${reason}${asked}`, blocked: refusal };
}

export function unreachable(reason: string): EgressRefusal {
  return { status: 502, reason };
}

/** A fatal alert, `access_denied`: it carries no words, but tools say it, other than a connection that breaks. */
const TLS_ALERT = Buffer.from([21, 3, 3, 0, 2, 2, 49]);

/**
 * Answers a CONNECT that was refused and hangs up. The reason is in the status line, too: of an answer to CONNECT most
 * tools (pip, Go, npm) show nothing else, so it is all that an agent gets to see.
 */
export function answerRefusal(socket: Duplex, refusal: EgressRefusal): void {
  hangUp(socket, writeRefusal(refusal));
}

/** Answers in a tunnel that is open already, in the words of what it was opened for, and hangs up. */
export function answerInTunnel(socket: Duplex, { refusal, inTls }: { refusal: EgressRefusal; inTls: boolean }): void {
  hangUp(socket, inTls ? TLS_ALERT : writeRefusal(refusal));
}

function writeRefusal({ status, reason }: EgressRefusal): string {
  const line = reason.replace(/[^\x20-\x7e]+/g, " ").slice(0, 400);
  const body = `${line}\n`;
  return `HTTP/1.1 ${status} ${line}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}

function hangUp(socket: Duplex, words: string | Buffer): void {
  socket.resume();
  socket.end(words);
  const hangingUp = setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
  socket.once("close", () => clearTimeout(hangingUp));
}
