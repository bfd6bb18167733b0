/**
 * The human page of the API: an empty shell that shows `openapi.json` once it was given a token (`/api/docs#token=…`).
 * It holds no data, so it answers without one; its script only ever sets text, and its policy allows nothing else.
 */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export const DOCS_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Background Agents API</title>
<link rel="stylesheet" href="/api/docs/page.css">
<main><h1>Background Agents API</h1><p id="state">Loading …</p><div id="operations"></div></main>
<script src="/api/docs/page.js"></script>
</html>
`;

export const DOCS_STYLE = `
:root { color-scheme: light dark; }
body { font: 14px/22px system-ui, sans-serif; margin: 0; }
main { max-width: 860px; margin: 0 auto; padding: 32px 20px 80px; }
h1 { font-size: 20px; }
details { border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
summary { padding: 10px 0; cursor: pointer; font: 13px/20px ui-monospace, monospace; }
summary b { display: inline-block; width: 72px; }
h2 { font-size: 13px; margin: 8px 0 4px; }
pre { overflow: auto; margin: 0 0 12px; padding: 12px; font: 12px/18px ui-monospace, monospace; background: color-mix(in srgb, currentColor 6%, transparent); border-radius: 6px; }
`;

export const DOCS_SCRIPT = `
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) { sessionStorage.setItem("token", given); history.replaceState(null, "", location.pathname); }
const state = document.getElementById("state");
const element = (name, text, parent) => {
  const made = document.createElement(name);
  made.textContent = text;
  parent.append(made);
  return made;
};
const show = (title, value, parent) => {
  if (value === undefined) return;
  element("h2", title, parent);
  element("pre", JSON.stringify(value, null, 2), parent);
};
async function load() {
  const token = sessionStorage.getItem("token");
  if (!token) { state.textContent = "Add #token=… to the address; npm run open prints the token."; return; }
  const answer = await fetch("/api/openapi.json", { headers: { authorization: "Bearer " + token } });
  const document_ = await answer.json();
  if (!answer.ok) { state.textContent = document_.error.message; return; }
  state.textContent = "Version " + document_.info.version + ". Send every request with authorization: Bearer <token>. The document itself: /api/openapi.json.";
  const operations = document.getElementById("operations");
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const details = element("details", "", operations);
      const summary = element("summary", "", details);
      element("b", method.toUpperCase(), summary);
      summary.append(path);
      show("Parameters", operation.parameters, details);
      show("Body", operation.requestBody?.content?.["application/json"]?.schema, details);
      show("Answers", operation.responses, details);
    }
  }
}
load().catch((error) => { state.textContent = String(error); });
`;
