import { isIP } from "node:net";
import { Transform } from "node:stream";
import { readClientHello } from "./read-client-hello.ts";
import { readSingleRequest } from "./single-request.ts";

/**
 * What the first bytes of a tunnel must name. `tls`: a TLS hello to the host. `request`: an HTTP request of it.
 * `any`: whatever it is, but if it is TLS, then to the host.
 */
export interface Greeting {
  host: string;
  form: "tls" | "request" | "any";
}

/** Far more than any client's hello, also with the long keys of new key exchanges. */
const HELLO_LIMIT = 16 * 1024;
/** Cookies and tokens make the head of a request long; no usual server takes more than this. */
const REQUEST_LIMIT = 64 * 1024;
const TLS_RECORD = 22;
const HIDES_NAME =
  "hides which host it is for (encrypted client hello); the program must send none: full Chromium by its policy " +
  "EncryptedClientHelloEnabled, its headless shell cannot";

type Verdict = "more" | { pass: Buffer } | { refuse: string };

/**
 * Holds what a client says until it is clear for whom it is, then lets all through. Many names are served from the same
 * addresses: a tunnel opened for one of them must not speak with another. `onRefused` gets the reason, once; nothing
 * was or is let through then.
 */
export function createGreetingGate(greeting: Greeting, onRefused: (reason: string) => void): Transform {
  const limit = greeting.form === "request" ? REQUEST_LIMIT : HELLO_LIMIT;
  let held = Buffer.alloc(0);
  let state: "waiting" | "open" | "refused" = "waiting";
  function refuse(reason: string): void {
    state = "refused";
    held = Buffer.alloc(0);
    onRefused(reason);
  }
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (state === "open") return done(null, chunk);
      if (state === "refused") return done();
      held = Buffer.concat([held, chunk]);
      const verdict = judge(held, greeting);
      if (verdict === "more" && held.length <= limit) return done();
      if (verdict === "more") refuse(`what was sent to ${greeting.host} does not begin as a connection to it does`);
      else if ("refuse" in verdict) refuse(verdict.refuse);
      else {
        state = "open";
        held = Buffer.alloc(0);
        return done(null, verdict.pass);
      }
      return done();
    },
    flush(done) {
      if (state === "waiting" && held.length > 0) refuse(`what was sent to ${greeting.host} ended in its first words`);
      done();
    },
  });
}

function judge(bytes: Buffer, { host, form }: Greeting): Verdict {
  if (bytes.length === 0) return "more";
  if (form === "request") return judgeRequest(bytes, host);
  if (form === "any" && bytes[0] !== TLS_RECORD) return { pass: bytes };
  const hello = readClientHello(bytes);
  if (hello === "more") return "more";
  if (hello === "not-tls") return { refuse: `the connection to ${host} does not speak TLS` };
  const { serverName, hidesName } = hello;
  // The name that counts would be in the part that nobody on the way can read.
  if (hidesName) return { refuse: `the connection to ${host} ${HIDES_NAME}` };
  if (serverName === null && isIP(host) !== 0) return { pass: bytes };
  if (serverName === null) return { refuse: `the connection to ${host} does not say which host it is for` };
  return serverName === host ? { pass: bytes } : { refuse: forAnother(host, serverName) };
}

function judgeRequest(bytes: Buffer, host: string): Verdict {
  const request = readSingleRequest(bytes);
  if (request === "more") return "more";
  if (request === "not-http") return { refuse: `the connection to ${host} does not speak HTTP` };
  if (request.host !== host && request.host !== `${host}:80`) return { refuse: forAnother(host, request.host) };
  return { pass: Buffer.concat([request.head, request.rest]) };
}

function forAnother(host: string, named: string): string {
  return `the connection to ${host} is for another host: ${named.replace(/[^\x21-\x7e]/g, "?").slice(0, 200)}`;
}
