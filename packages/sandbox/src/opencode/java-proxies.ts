import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Tells Maven and Gradle of the proxy by their own files, since no Java program reads HTTPS_PROXY. Not by
 * JAVA_TOOL_OPTIONS: with it each Java program prints a line of its own. Files that are there already, an agent's or a
 * set-up script's, stay as they are.
 */
export function ensureJavaProxies(home: string, egressRelayPort: number): void {
  ensureFile(join(home, ".m2", "settings.xml"), mavenSettings(egressRelayPort));
  ensureFile(join(home, ".gradle", "gradle.properties"), gradleProperties(egressRelayPort));
}

/** A failure (a full disk) is no harm: the two find no registry, and say so. */
function ensureFile(path: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { flag: "wx" });
  } catch {
    // See above.
  }
}

function mavenSettings(port: number): string {
  const proxies = ["http", "https"].map((protocol) =>
    [
      "    <proxy>",
      `      <id>sandbox-${protocol}</id>`,
      `      <protocol>${protocol}</protocol>`,
      "      <host>127.0.0.1</host>",
      `      <port>${port}</port>`,
      "      <nonProxyHosts>localhost|127.0.0.1</nonProxyHosts>",
      "    </proxy>",
    ].join("\n"),
  );
  return `<settings>\n  <proxies>\n${proxies.join("\n")}\n  </proxies>\n</settings>\n`;
}

function gradleProperties(port: number): string {
  const lines = ["http", "https"].flatMap((protocol) => [
    `systemProp.${protocol}.proxyHost=127.0.0.1`,
    `systemProp.${protocol}.proxyPort=${port}`,
  ]);
  return [...lines, "systemProp.http.nonProxyHosts=localhost|127.0.0.1", ""].join("\n");
}
