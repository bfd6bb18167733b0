import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser } from "@playwright/test";
import { build } from "esbuild";
import { makePayloads, type Payload } from "./payloads.ts";

const ROOT = resolve(import.meta.dirname, "..", "..", "..");
const WEB = join(ROOT, "packages", "web");

/** `shown`: by the page's own components under its own policy. `raw`: as HTML under that policy. `open`: as HTML without. */
export type Showing = "shown" | "raw" | "open";

export interface Tried {
  payload: Payload;
  /** What got through in that showing: executions and requests to another origin. */
  hits: ReadonlySet<string>;
}

/** Shows the payloads with the components that show a model's text, a tool's output, a file's name. */
const ENTRY = `
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { Markdown } from "./src/ui/markdown.tsx";
import { TerminalOutput } from "./src/ui/terminal-output.tsx";
import { CodeBlock } from "./src/ui/code-block.tsx";
const { showing, payloads } = await (await fetch("/payloads.json")).json();
window.hits = [];
const places = payloads.map(([id, payload]) => {
  const place = document.body.appendChild(document.createElement("section"));
  if (showing === "shown") {
    createRoot(place).render(h("div", { title: payload.text },
      h(Markdown, { text: payload.text, streaming: false }), h(Markdown, { text: payload.text, streaming: true }),
      h(TerminalOutput, { text: payload.text }), h(CodeBlock, { code: payload.text, language: "html" }), payload.text));
  } else if (payload.isScript && showing === "open") {
    place.append(document.createRange().createContextualFragment(payload.html));
  } else place.innerHTML = payload.html;
  return place;
});
await new Promise((resolve) => setTimeout(resolve, 700));
for (const place of places) for (const element of place.querySelectorAll("*")) {
  if (element.closest("a")?.protocol?.startsWith("http")) continue;
  for (const type of ["mouseover", "pointerdown", "click"]) element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
  for (const { name } of element.attributes) if (name.startsWith("on")) element.dispatchEvent(new Event(name.slice(2), { cancelable: true }));
}
await new Promise((resolve) => setTimeout(resolve, 700));
const done = document.createElement("output");
done.id = "done";
done.dataset.hits = JSON.stringify(window.hits);
document.body.append(done);
`;

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
  const tried = new Map<Showing, Promise<ReadonlySet<string>>>();

  let asked: string[] = [];
  const collector = await serve((request, response) => {
    asked.push((request.url ?? "").slice(1));
    response.end();
  });

  const { payloads } = makePayloads(
    (id) => `window.hits.push('${id}')`,
    (id) => `http://127.0.0.1:${collector.port}/${id}`,
  );
  async function show(showing: Showing): Promise<ReadonlySet<string>> {
    asked = [];
    const nonce = "bm9uY2Utb2YtdGhlLXBhZ2U=";
    const site = await serve((request, response) => {
      const { host = "" } = request.headers;
      const policy = contentSecurityPolicy({ nonce, apiUrl: "http://localhost:1", host, development: false });
      if (request.url === "/page.js") return response.setHeader("content-type", "text/javascript").end(page);
      if (request.url === "/payloads.json")
        return response.end(JSON.stringify({ showing, payloads: listFor(showing) }));
      response.setHeader("content-type", "text/html; charset=utf-8");
      if (showing !== "open") response.setHeader("content-security-policy", policy);
      return response.end(
        `<!doctype html><body><script type="module" nonce="${nonce}" src="/page.js"></script></body>`,
      );
    });
    const tab = await browser.newPage();
    try {
      await tab.goto(`http://localhost:${site.port}/`);
      await tab.waitForSelector("#done", { state: "attached" });
      const hits = JSON.parse((await tab.getAttribute("#done", "data-hits")) ?? "[]") as string[];
      return new Set([...hits, ...asked]);
    } finally {
      await tab.close();
      site.close();
    }
  }

  const listFor = (showing: Showing) =>
    [...payloads].filter(([, payload]) => showing !== "raw" || payload.isScript !== true);

  return {
    browser: browser as Pick<Browser, "newPage">,
    policy: (host: string) =>
      contentSecurityPolicy({ nonce: "x", apiUrl: "http://localhost:1", host, development: false }),
    /** What got through when all payloads were shown that way. */
    hits(showing: Showing): Promise<ReadonlySet<string>> {
      const hits = tried.get(showing) ?? show(showing);
      tried.set(showing, hits);
      return hits;
    },
    async close(): Promise<void> {
      await browser.close();
      collector.close();
      rmSync(temp, { recursive: true, force: true });
    },
  };
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
