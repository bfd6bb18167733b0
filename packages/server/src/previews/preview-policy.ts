/** Where the page itself may be opened, and so what may show a preview inside of it. */
export interface PageAddresses {
  webPort: number;
  /** Host names besides loopback, without ports. */
  allowedHosts: readonly string[];
}

/**
 * The policy that each answer of a preview gets beside the application's own. A sandbox has no network of its own, but
 * the browser that shows its pages has: they may load from and talk to themselves only, and be framed by our page only.
 */
export function buildPreviewPolicy(host: string, page: PageAddresses): string {
  const self = `'self' ws://${host}`;
  return [
    `default-src ${self} 'unsafe-inline' 'unsafe-eval' data: blob:`,
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    `frame-ancestors 'self' ${pageOrigins(page).join(" ")}`,
  ].join("; ");
}

function pageOrigins({ webPort, allowedHosts }: PageAddresses): string[] {
  const loopback = ["localhost", "127.0.0.1"].map((name) => `http://${name}:${webPort}`);
  return [...loopback, ...allowedHosts.flatMap((name) => [`http://${name}:*`, `https://${name}:*`])];
}

/** Of an application's own policy what may stay: not who may frame it, nor where reports of it go to. */
export function keepOwnPolicy(header: string): string[] {
  return header.split(",").flatMap((policy) => {
    const kept = policy
      .split(";")
      .map((directive) => directive.trim())
      .filter((directive) => directive !== "" && !DROPPED_DIRECTIVES.test(directive));
    return kept.length === 0 ? [] : [kept.join("; ")];
  });
}

const DROPPED_DIRECTIVES = /^(frame-ancestors|report-uri|report-to|upgrade-insecure-requests)(\s|$)/i;
