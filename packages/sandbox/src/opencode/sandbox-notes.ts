import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Most tools show the status of a refusal and nothing else, so what it means is said beforehand. */
const NOTES = `# The sandbox you work in

Programs reach the network through the HTTP proxy in HTTPS_PROXY, which lets through only what the user allows; package
registries usually are. A 403 of the proxy (\`CONNECT tunnel failed, response 403\`, \`Tunnel connection failed: 403\`)
means that the host is blocked by the sandbox's network policy. The user was shown the host and may allow it; there is no
other way to it. Go on without it where you can. Where you cannot, end your turn and say which host you need, and why.

A browser whose connections break in TLS (access denied, \`ERR_SSL_…\`) may hide the host it asks for (encrypted client
hello), which the proxy refuses. Chromium, Chrome and Firefox are told here not to. The headless shell cannot be told: with
Playwright use full Chromium (\`npx playwright install chromium --no-shell\`, then \`channel: "chromium"\`), with Puppeteer
\`headless: true\`, not \`"shell"\`.
`;

/**
 * Writes what OpenCode tells the agent before anything else. Without the file (a full disk) the agent has to find out,
 * so a failure is no harm.
 */
export function ensureSandboxNotes(state: string): void {
  const directory = join(state, "config", "opencode");
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "AGENTS.md"), NOTES);
  } catch {
    // See above.
  }
}
