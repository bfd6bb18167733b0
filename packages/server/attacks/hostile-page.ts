import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { chromium, type Browser } from "@playwright/test";
import { build } from "esbuild";
import { makePayloads } from "./payloads.ts";

const ROOT = resolve(import.meta.dirname, "..", "..", "..");
const WEB = join(ROOT, "packages", "web");

/** `shown`: by the page's own components under its own policy. `raw`: as HTML under that policy. `open`: as HTML without. */
export type Showing = "shown" | "raw" | "open";

interface Seen {
  /** What got through: executions and requests to another origin. */
  hits: ReadonlySet<string>;
  /** From the page's being shown to the last look. */
  tookMs: number;
}

/**
 * Shows the payloads with the components that show a model's text, a tool's output, a file's name. Each is given a
 * marker with the payload: a place that lacks it was not rendered, and holds nothing back. `missing` names those.
 */
const ENTRY = `
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { Markdown } from "./src/ui/markdown.tsx";
import { TerminalOutput } from "./src/ui/terminal-output.tsx";
import { CodeBlock } from "./src/ui/code-block.tsx";
const { showing, payloads } = await (await fetch("/payloads.json")).json();
const PARTS = {
  markdown: (text) => h(Markdown, { text, streaming: false }),
  streaming: (text) => h(Markdown, { text, streaming: true }),
  terminal: (text) => h(TerminalOutput, { text }),
  code: (code) => h(CodeBlock, { code, language: "html" }),
  plain: (text) => text,
};
window.hits = [];
const places = new Map();
const markerOf = (id, part) => "marker-" + id + "-" + part;
for (const [id, payload] of payloads) {
  const place = document.body.appendChild(document.createElement("section"));
  places.set(id, place);
  if (showing === "shown") {
    const parts = Object.entries(PARTS).map(([part, show]) => {
      const text = markerOf(id, part) + "\\n\\n" + payload.text;
      return h("div", { key: part, title: text, "data-part": part }, show(text));
    });
    createRoot(place).render(parts);
  } else if (payload.isScript && showing === "open") {
    place.append(document.createRange().createContextualFragment(payload.html));
  } else place.innerHTML = payload.html;
}
window.missing = () => showing !== "shown" ? [] : [...places].flatMap(([id, place]) =>
  Object.keys(PARTS).filter((part) => {
    const shown = place.querySelector('[data-part="' + part + '"]');
    const marker = markerOf(id, part);
    if (!shown?.textContent.includes(marker) || !shown.title.includes(marker)) return true;
    // Code is shown twice: as it is, and anew once it is coloured.
    return part === "code" && !shown.querySelector("span[style]");
  }).map((part) => markerOf(id, part)));
window.provoke = () => {
  for (const place of places.values()) for (const element of place.querySelectorAll("*")) {
    if (element.closest("a")?.protocol?.startsWith("http")) continue;
    for (const type of ["mouseover", "pointerdown", "click"]) element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
    for (const { name } of element.attributes) if (name.startsWith("on")) element.dispatchEvent(new Event(name.slice(2), { cancelable: true }));
  }
};
// Whatever the elements there are ask for by themselves is asked for by then.
window.settle = async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  await (await fetch("/settled")).text();
};
document.body.append(Object.assign(document.createElement("output"), { id: "ready" }));
`;

/** Generous: a page that has not rendered by then, or let through what nothing stops, never will. */
const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 20;

export type HostilePages = Awaited<ReturnType<typeof openHostilePages>>;

/** A real Chromium and a server for the page. Close it at the end. */
export async function openHostilePages() {
  const script = "scripts/setup/ensure-chromium.sh";
  const executablePath = execFileSync("bash", [script], { cwd: ROOT, encoding: "utf8" }).trim();
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await bundle(ENTRY);
  const policyFile = await bundle('export { contentSecurityPolicy } from "./src/lib/content-security-policy.ts";');
  const temp = mkdtempSync(join(tmpdir(), "baa-page-"));
  writeFileSync(join(temp, "policy.mjs"), policyFile);
  const { contentSecurityPolicy } = (await import(pathToFileURL(join(temp, "policy.mjs")).href)) as {
    contentSecurityPolicy(options: { nonce: string; apiUrl: string; host: string; development: boolean }): string;
  };
  const tried = new Map<Showing, Promise<Seen>>();

  async function show(showing: Showing): Promise<Seen> {
    // Nothing tells that a request will not come. Guarded, it is waited for as long as the last one took where nothing
    // stops any, and as long again.
    const windowMs = showing === "open" ? 0 : 2 * (await look("open")).tookMs;
    const asked: string[] = [];
    const collector = await serve((request, response) => {
      asked.push((request.url ?? "").slice(1));
      response.end();
    });
    const { payloads } = makePayloads(
      (id) => `window.hits.push('${id}')`,
      (id) => `http://127.0.0.1:${collector.port}/${id}`,
    );
    const listed = [...payloads].filter(([, payload]) => showing !== "raw" || payload.isScript !== true);
    const nonce = "bm9uY2Utb2YtdGhlLXBhZ2U=";
    const site = await serve((request, response) => {
      const { host = "" } = request.headers;
      const policy = contentSecurityPolicy({ nonce, apiUrl: "http://localhost:1", host, development: false });
      if (request.url === "/page.js") return response.setHeader("content-type", "text/javascript").end(page);
      if (request.url === "/payloads.json") return response.end(JSON.stringify({ showing, payloads: listed }));
      response.setHeader("content-type", "text/html; charset=utf-8");
      if (showing !== "open") response.setHeader("content-security-policy", policy);
      return response.end(
        `<!doctype html><body><script type="module" nonce="${nonce}" src="/page.js"></script></body>`,
      );
    });
    const tab = await browser.newPage();
    const readHits = async () => new Set([...(await tab.evaluate<string[]>("window.hits")), ...asked]);
    try {
      await tab.goto(`http://localhost:${site.port}/`);
      await tab.waitForSelector("#ready", { state: "attached", timeout: LIMIT_MS });
      const missing = await waitFor(
        () => tab.evaluate<string[]>("missing()"),
        (names) => names.length === 0,
      );
      if (missing.length > 0) throw new Error(`the page did not render ${missing.join(" ")}`);
      const shownAt = performance.now();
      await tab.evaluate("settle()");
      await tab.evaluate("provoke()");
      await tab.evaluate("settle()");
      if (showing !== "open") {
        await pause(windowMs);
        return { hits: await readHits(), tookMs: performance.now() - shownAt };
      }
      const hits = await waitFor(readHits, (found) => found.size >= listed.length);
      return { hits, tookMs: performance.now() - shownAt };
    } finally {
      await tab.close();
      for (const server of [site, collector]) server.close();
    }
  }

  function look(showing: Showing): Promise<Seen> {
    const seen = tried.get(showing) ?? show(showing);
    tried.set(showing, seen);
    return seen;
  }

  return {
    browser: browser as Pick<Browser, "newPage">,
    policy: (host: string) =>
      contentSecurityPolicy({ nonce: "x", apiUrl: "http://localhost:1", host, development: false }),
    /** What got through when all payloads were shown that way. */
    hits: async (showing: Showing): Promise<ReadonlySet<string>> => (await look(showing)).hits,
    async close(): Promise<void> {
      await browser.close();
      rmSync(temp, { recursive: true, force: true });
    },
  };
}

/** Asks again and again until the answer is enough, or there is no use in waiting; gives the last answer. */
async function waitFor<T>(look: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await look();
    if (isEnough(answer) || performance.now() > end) return answer;
    await pause(LOOK_EVERY_MS);
  }
}

/** The entry with all it imports, of the page's own sources, as one module. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: WEB, loader: "tsx" },
    ...{ bundle: true, write: false, format: "esm", platform: "browser", jsx: "automatic", logLevel: "silent" },
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".css": "empty" },
  });
  return outputFiles[0]?.text ?? "";
}

export async function serve(listener: RequestListener): Promise<{ port: number; close(): void }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolveListening) => server.listen(0, "127.0.0.1", resolveListening));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
