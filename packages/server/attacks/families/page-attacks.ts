import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";
import { openHostilePages, serve, type HostilePages, type Showing } from "../hostile-page.ts";
import { makePayloads } from "../payloads.ts";
import { startOpen, startWhole, type Target } from "./browser-attacks.ts";

/** In a real Chromium: hostile text in our page, and a hostile page beside it. */

let shared: Promise<HostilePages> | undefined;
export function openPages(world: AttackWorld): Promise<HostilePages> {
  shared ??= openHostilePages().then((pages) => {
    world.closeLater(() => pages.close());
    return pages;
  });
  return shared;
}

const { payloads: PAYLOADS, groups: GROUPS } = makePayloads(
  () => "",
  () => "",
);

/** Blocked where none of them gets through; its control proves something where each of them does. */
const groupCase = (name: string, ids: readonly string[], showing: Exclude<Showing, "open">): AttackCase => {
  const look = (way: Showing, judge: (hits: ReadonlySet<string>) => boolean) => async (world: AttackWorld) => {
    const hits = await (await openPages(world)).hits(way);
    return { succeeded: judge(hits), said: `${hits.size} got through: ${[...hits].join(" ")}` };
  };
  const where = showing === "shown" ? "in the page" : "in the page's HTML, were it to get there";
  return {
    ...{ family: "browser", quick: true, name: `${name} ${where}` },
    attack: look(showing, (hits) => ids.some((id) => hits.has(id))),
    control: look("open", (hits) => ids.every((id) => hits.has(id))),
  };
};

/** What a page of another origin does, with the user's browser and even with the token. */
const FOREIGN: [name: string, code: (target: Target) => string][] = [
  [
    "read the sessions",
    ({ port, token }) =>
      `(await fetch("http://localhost:${port}/api/sessions", { headers: { authorization: "Bearer ${token}" } })).ok`,
  ],
  [
    "make a session",
    ({ port, token }) =>
      `(await fetch("http://localhost:${port}/api/sessions", { method: "POST", headers: { authorization: "Bearer ${token}" } })).ok`,
  ],
  [
    "listen on the socket",
    ({ port, token }) =>
      `await new Promise((resolve) => { const socket = new WebSocket("ws://localhost:${port}/api/socket", ["background-agents.v1", "bearer.${token}"]);
        socket.onopen = () => resolve(true); socket.onerror = () => resolve(false); })`,
  ],
];

const foreignCase = ([name, code]: (typeof FOREIGN)[number]): AttackCase => ({
  ...{ family: "browser", quick: true, name: `a page of another origin: ${name}` },
  attack: async (world) => visit(world, code(await startWhole(world))),
  async control(world) {
    const open = await startOpen(["checkOrigin"]);
    const attempt = await visit(world, code(open));
    await open.close();
    return attempt;
  },
});

async function visit(world: AttackWorld, code: string): Promise<Attempt> {
  const { browser } = await openPages(world);
  const site = await serve(
    (_request, response) => void response.setHeader("content-type", "text/html").end("<!doctype html>"),
  );
  const tab = await browser.newPage();
  try {
    await tab.goto(`http://127.0.0.1:${site.port}/`);
    const succeeded = await tab.evaluate<boolean>(
      `(async () => { try { return ${code}; } catch { return false; } })()`,
    );
    return { succeeded, said: String(succeeded) };
  } finally {
    await tab.close();
    site.close();
  }
}

/** Somebody else's page shows ours in a frame, to have it clicked. Off: without its policy. */
const FRAMED: AttackCase = {
  ...{ family: "browser", quick: true, name: "a page of another origin: show this one in a frame" },
  attack: (world) => showFramed(world, true),
  control: (world) => showFramed(world, false),
};

async function showFramed(world: AttackWorld, withPolicy: boolean): Promise<Attempt> {
  const { browser, policy } = await openPages(world);
  const ours = await serve((request, response) => {
    if (withPolicy) response.setHeader("content-security-policy", policy(request.headers.host ?? ""));
    response.setHeader("content-type", "text/html").end("<!doctype html>ours");
  });
  return showInForeignFrame(browser, `http://localhost:${ours.port}/`).finally(() => ours.close());
}

/** A page of another origin has the address in a frame. One that was refused shows the browser's own page there. */
export async function showInForeignFrame(browser: HostilePages["browser"], url: string): Promise<Attempt> {
  const foreign = await serve((_request, response) => {
    response.setHeader("content-type", "text/html").end(`<!doctype html><iframe src="${url}"></iframe>`);
  });
  const tab = await browser.newPage();
  try {
    await tab.goto(`http://127.0.0.1:${foreign.port}/`);
    const said = tab
      .frames()
      .map((one) => one.url())
      .join(" ");
    return { succeeded: said.includes(url), said };
  } finally {
    await tab.close();
    foreign.close();
  }
}

export const PAGE_ATTACKS: AttackCase[] = [
  ...[...GROUPS].map(([name, ids]) => groupCase(name, ids, "shown")),
  ...[...GROUPS]
    .filter(([, [id = ""]]) => PAYLOADS.get(id)?.isScript !== true)
    .map(([name, ids]) => groupCase(name, ids, "raw")),
  FRAMED,
  ...FOREIGN.map(foreignCase),
];
