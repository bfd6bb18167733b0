import { createAccessPolicy, type AccessPolicy } from "../../src/http/access-policy.ts";
import { attachBrowserSockets } from "../../src/http/browser-socket.ts";
import { createHttpServer } from "../../src/http/http-server.ts";
import { startTestServer } from "../../src/testing/test-server.ts";
import { pino } from "pino";
import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { ask } from "../http-client.ts";

export interface Target {
  port: number;
  token: string;
}

interface Forged {
  name: string;
  /** What a page of another site, or a program without the token, has a browser or itself send. */
  send(target: Target): { method?: string; path?: string; headers: Record<string, string>; body?: string };
  /** The check that its control is without. */
  without: (keyof AccessPolicy)[] | "content-types";
}

const OPEN_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

const bearer = ({ token }: Target) => ({ authorization: `Bearer ${token}` });
const own = ({ port }: Target) => ({ host: `localhost:${port}` });
const upgrade = ({ port, token }: Target) => ({
  host: `localhost:${port}`,
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": `background-agents.v1, bearer.${token}`,
});

const HOSTS = ["evil.example", "localhost.evil.example", "localhost:1", "127.0.0.1.nip.example"];
const ORIGINS = [
  "http://evil.example",
  "null",
  "http://localhost:1",
  "https://localhost:3000.evil.example",
  "http://localhost:3000@evil.example",
];

const FORGED: Forged[] = [
  ...HOSTS.map((host): Forged => ({
    name: `ask under the host name ${host}`,
    send: (target) => ({ headers: { ...bearer(target), host } }),
    without: ["checkHost"],
  })),
  {
    name: "ask for the health under a foreign host name",
    send: () => ({ path: "/api/health", headers: { host: "evil.example" } }),
    without: ["checkHost"],
  },
  ...ORIGINS.map((origin): Forged => ({
    name: `ask from the origin ${origin}`,
    send: (target) => ({ headers: { ...bearer(target), ...own(target), origin } }),
    without: ["checkOrigin"],
  })),
  {
    name: "open a socket under a foreign host name",
    send: (target) => ({ path: "/api/socket", headers: { ...upgrade(target), host: "evil.example" } }),
    without: ["checkHost"],
  },
  ...["http://evil.example", "null"].map((origin): Forged => ({
    name: `open a socket from the origin ${origin}`,
    send: (target) => ({ path: "/api/socket", headers: { ...upgrade(target), origin } }),
    without: ["checkOrigin"],
  })),
  ...["background-agents.v1", "background-agents.v1, bearer.guess"].map((protocols): Forged => ({
    name: `open a socket with the subprotocols ${protocols}`,
    send: (target) => ({ path: "/api/socket", headers: { ...upgrade(target), "sec-websocket-protocol": protocols } }),
    without: ["checkSubprotocols"],
  })),
  { name: "ask without the token", send: (target) => ({ headers: own(target) }), without: ["checkBearer"] },
  {
    name: "ask with a wrong token",
    send: (target) => ({ headers: { ...own(target), authorization: `Bearer ${"x".repeat(43)}` } }),
    without: ["checkBearer"],
  },
  {
    name: "ask with the token in a cookie",
    send: (target) => ({ headers: { ...own(target), cookie: `token=${target.token}` } }),
    without: ["checkBearer"],
  },
  {
    name: "ask with the token in the address",
    send: (target) => ({ path: `/api/sessions?token=${target.token}`, headers: own(target) }),
    without: ["checkBearer"],
  },
  {
    name: "ask without the token as a preflight's method",
    send: (target) => ({ headers: { ...own(target), "x-http-method-override": "OPTIONS" } }),
    without: ["checkBearer"],
  },
  {
    name: "a preflight of a foreign page",
    send: (target) => ({
      method: "OPTIONS",
      headers: { ...own(target), origin: "http://evil.example", "access-control-request-method": "POST" },
    }),
    without: ["checkOrigin"],
  },
  {
    name: "post an empty body from a foreign page",
    send: (target) => ({ method: "POST", headers: { ...own(target), origin: "http://evil.example" } }),
    without: ["checkOrigin", "checkBearer"],
  },
  ...OPEN_TYPES.map((type): Forged => ({
    name: `post a form as ${type}`,
    send: (target) => ({
      method: "POST",
      headers: { ...own(target), ...bearer(target), "content-type": type },
      body: "a=b",
    }),
    without: "content-types",
  })),
];

/** The same HTTP server and sockets without one check, before routes that answer whoever gets there. */
export async function startOpen(without: Forged["without"]): Promise<Target & { close(): Promise<void> }> {
  const token = "t".repeat(43);
  let port = 0;
  const whole = createAccessPolicy({ token, port: () => port, webPort: 3000, allowedHosts: [] });
  const access: AccessPolicy = { ...whole };
  if (without !== "content-types") {
    for (const check of without) {
      access[check] = check === "checkOrigin" ? ({ origin }) => origin : () => undefined;
    }
  }
  const log = pino({ level: "silent" });
  const app = await createHttpServer({
    ...{ access, version: "0", log },
    routes: [
      async (routes) => {
        for (const url of ["/api/sessions", "/api/health"]) routes.get(url, () => ({ got: "in" }));
        for (const type of without === "content-types" ? OPEN_TYPES : []) {
          routes.removeContentTypeParser(type);
          routes.addContentTypeParser(type, (_request, payload, done) => {
            payload.resume();
            done(null, {});
          });
        }
        routes.post("/api/sessions", () => ({ changed: true }));
      },
    ],
  });
  const route = { match: ({ pathname }: URL) => (pathname === "/api/socket" ? () => undefined : undefined) };
  const sockets = attachBrowserSockets(app.server, { access, routes: [route], log });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (typeof address === "object" && address) port = address.port;
  return {
    port,
    token,
    async close() {
      sockets.close();
      await app.close();
    },
  };
}

let shared: Promise<Target> | undefined;

/** The real app; its sandboxes are never asked for here. */
export function startWhole(world: AttackWorld): Promise<Target> {
  shared ??= startTestServer({ onTurn: async () => undefined }).then((server) => {
    world.closeLater(() => server.close());
    return server;
  });
  return shared;
}

async function send(target: Target, forged: Forged): Promise<Attempt> {
  const { path = "/api/sessions", ...rest } = forged.send(target);
  const { status, text } = await ask({ at: target, path, ...rest });
  // A post that was let in and found wrong got in all the same.
  const refused = [401, 403, 415, 421].includes(status);
  return { succeeded: !refused, said: `${status} ${text}` };
}

export const BROWSER_ATTACKS: AttackCase[] = FORGED.map((forged) => ({
  family: "browser",
  name: forged.name,
  quick: true,
  attack: async (world) => send(await startWhole(world), forged),
  async control() {
    const open = await startOpen(forged.without);
    try {
      return await send(open, forged);
    } finally {
      await open.close();
    }
  },
}));
