import { lookup, Resolver } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as tcpConnect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { EgressTarget } from "./egress-target.ts";

/** All addresses of a name, IPv4 first: an IPv6 route is missing more often. Rejects when there is none. */
export async function resolveHost(host: string): Promise<string[]> {
  const answers = await lookup(host, { all: true });
  return answers.toSorted((a, b) => a.family - b.family).map((answer) => answer.address);
}

/** What the name servers answer within half a second; empty where they do not know the name, or do not answer. */
export async function resolveBriefly(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

/** An open connection to the address, never to a name: what was checked is what is connected to. */
export async function connectTo(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: address, port, allowHalfOpen: true, noDelay: true });
    const stop = () => socket.destroy(new Error("given up while connecting"));
    signal.addEventListener("abort", stop, { once: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      signal.removeEventListener("abort", stop);
      socket.off("error", reject);
      resolve(socket);
    });
    if (signal.aborted) stop();
  });
}

/** The first address that answers. Rejects with the last failure. */
export async function connectToAny(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Socket> {
  let failure: unknown = new Error("the name has no address");
  for (const address of addresses.slice(0, 4)) {
    try {
      return await connectTo(address, port, AbortSignal.any([signal, AbortSignal.timeout(7_000)]));
    } catch (error) {
      failure = error;
      if (signal.aborted) break;
    }
  }
  throw failure;
}

/** A tunnel through an HTTP proxy (`http://user:password@host:port`). Rejects when the proxy says anything but 200. */
export async function connectThroughProxy(proxy: URL, target: EgressTarget, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const authority = `${target.host}:${target.port}`;
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const send = proxy.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send({
      host: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        ...(proxy.username && { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` }),
      },
      agent: false,
    });
    // Not the request's own `signal` option: that would end the tunnel too, long after it was made.
    const stop = () => request.destroy(new Error("given up while connecting"));
    signal.addEventListener("abort", stop, { once: true });
    request.once("close", () => signal.removeEventListener("abort", stop));
    request.once("error", reject);
    request.once("response", (response) => {
      response.destroy();
      reject(new Error(`the upstream proxy answered ${response.statusCode ?? 0}`));
    });
    request.once("connect", (response, socket, head) => {
      signal.removeEventListener("abort", stop);
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`the upstream proxy answered ${response.statusCode ?? 0}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    request.end();
  });
}
