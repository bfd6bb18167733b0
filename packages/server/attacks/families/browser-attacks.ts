import { createAccessPolicy, type AccessPolicy } from "../../src/http/access-policy.ts";
import { attachBrowserSockets } from "../../src/http/browser-socket.ts";
import { createHttpServer } from "../../src/http/http-server.ts";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { AttackCase, Attempt } from "../attack.ts";
import { shareWholeServer } from "../whole-server.ts";
import { serve } from "../hostile-page.ts";
import { ask } from "../../src/testing/http-client.ts";

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

/** The real app; its sandboxes are never asked for here. */
export const startWhole = shareWholeServer();

async function send(target: Target, forged: Forged): Promise<Attempt> {
  const { path = "/api/sessions", ...rest } = forged.send(target);
  const { status, text } = await ask({ at: target, path, ...rest });
  // A post that was let in and found wrong got in all the same.
  const refused = [401, 403, 415, 421].includes(status);
  return { succeeded: !refused, said: `${status} ${text}` };
}

const ROUTE_CHECKS: [
  name: string,
  without: keyof AccessPolicy,
  headersOf: (target: Target) => Record<string, string>,
][] = [
  ["under a foreign host name", "checkHost", (target) => ({ ...bearer(target), host: "evil.example" })],
  [
    "from a foreign origin",
    "checkOrigin",
    (target) => ({ ...bearer(target), ...own(target), origin: "http://evil.example" }),
  ],
  ["without the token", "checkBearer", own],
];

/** No route may have been forgotten: each that the API's own description names, and each socket. */
const routesCase = ([name, without, headersOf]: (typeof ROUTE_CHECKS)[number]): AttackCase => ({
  ...{ family: "browser", quick: true, name: `ask every route of the API ${name}` },
  async attack(world) {
    const target = await startWhole(world);
    const headers = { ...bearer(target), ...own(target) };
    const { paths } = JSON.parse((await ask({ at: target, path: "/api/openapi.json", headers })).text) as {
      paths: Record<string, object>;
    };
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, "x") })),
    );
    if (calls.length < 50) throw new Error(`only ${calls.length} routes are described`);
    const open = without === "checkBearer" ? ["/api/health"] : [];
    const got: string[] = [];
    for (const { method, path } of calls.filter((one) => !open.includes(one.path))) {
      const { status } = await ask({ at: target, method, path, headers: headersOf(target) });
      if (![401, 403, 421].includes(status)) got.push(`${method} ${path} ${status}`);
    }
    for (const path of ["/api/socket", "/api/sessions/ses_x/socket"]) {
      const offered = without === "checkBearer" ? { "sec-websocket-protocol": "background-agents.v1" } : {};
      const { status } = await ask({
        at: target,
        path,
        headers: { ...upgrade(target), ...headersOf(target), ...offered },
      });
      if (![401, 403, 421].includes(status)) got.push(`socket ${path} ${status}`);
    }
    return { succeeded: got.length > 0, said: `${calls.length} routes; let in: ${got.join(", ")}` };
  },
  async control() {
    const open = await startOpen([without]);
    const { status } = await ask({ at: open, path: "/api/sessions", headers: headersOf(open) });
    await open.close();
    return { succeeded: status === 200, said: String(status) };
  },
});

/** Ids and paths that lead out of where they belong. Off: a server that joins them to its directory. */
const OUTSIDE = ["../kept.txt", "..%2fkept.txt", "%2e%2e/kept.txt", "..%252fkept.txt", "kept.txt%00.md"];
const ID_ROUTES = ["/api/sessions/:at", "/api/blobs/:at"];

const pathCase = (route: string): AttackCase => ({
  ...{ family: "browser", quick: true, name: `read a file of the host by ${route}` },
  async attack(world) {
    const target = await startWhole(world);
    const kept = "the content of a file of the host";
    writeFileSync(join(target.dataDir, "kept.txt"), kept);
    const said: string[] = [];
    for (const at of OUTSIDE) {
      const path = route.replaceAll(":at", at);
      said.push((await ask({ at: target, path, headers: { ...bearer(target), ...own(target) } })).text);
    }
    return { succeeded: said.some((text) => text.includes(kept)), said: said.join("\n").slice(0, 1000) };
  },
  async control() {
    const directory = mkdtempSync(join(tmpdir(), "baa-naive-"));
    mkdirSync(join(directory, "files"));
    writeFileSync(join(directory, "kept.txt"), "kept");
    const naive = await serve((request, response) => {
      const path = decodeURIComponent((request.url ?? "").slice(1));
      response.end(readFileSync(join(directory, "files", path)));
    });
    const { text } = await ask({ at: naive, path: "/..%2fkept.txt" });
    naive.close();
    rmSync(directory, { recursive: true });
    return { succeeded: text === "kept", said: text };
  },
});

const forgedCase = (forged: Forged): AttackCase => ({
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
});

export const BROWSER_ATTACKS: AttackCase[] = [
  ...FORGED.map(forgedCase),
  ...ROUTE_CHECKS.map(routesCase),
  ...ID_ROUTES.map(pathCase),
];
