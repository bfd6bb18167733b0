import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { keepOwnPolicy } from "./preview-policy.ts";

/** How the browser and how the application name the same place: `host:port`. */
export interface PreviewNames {
  browserHost: string;
  appHost: string;
}

const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Whatever the page does, the browser connects to where it came from and nowhere else, also for what no content security
 * policy rules: peer connections, looking ahead (`preconnect`, speculation), leading the tab elsewhere. Chromium knows it.
 * Redirects may stay: those to another place do not get through here.
 */
const CONNECTIONS = "(response-origin);redirects=allow";

/** What would send something elsewhere by a way that no policy of ours rules, or undo a guard of ours. */
const DROPPED_ANSWERS = [
  "alt-svc",
  "connection-allowlist-report-only",
  "content-security-policy-report-only",
  "link",
  "nel",
  "refresh",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "speculation-rules",
  "strict-transport-security",
  "x-frame-options",
];

const OUR_ANSWERS: OutgoingHttpHeaders = {
  "connection-allowlist": CONNECTIONS,
  // `no-referrer` would make the Origin of a form's POST null, which applications take for an attack.
  "referrer-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), bluetooth=(), midi=()",
  "x-robots-tag": "noindex",
  "x-dns-prefetch-control": "off",
};

/**
 * What the application gets: told that it is asked as `localhost:<port>`, as development servers want it. Cookies are of
 * the preview's own host only, so all of them are the application's.
 */
export function toAppHeaders(
  headers: IncomingHttpHeaders,
  { browserHost, appHost }: PreviewNames,
): OutgoingHttpHeaders {
  const { origin, referer } = headers;
  const ours = `http://${browserHost}`;
  return {
    ...without(headers, ["host", "expect", "forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"]),
    host: appHost,
    ...(headers["transfer-encoding"] !== undefined && { "transfer-encoding": "chunked" }),
    ...(origin === ours && { origin: `http://${appHost}` }),
    ...(referer?.startsWith(`${ours}/`) && { referer: `http://${appHost}${referer.slice(ours.length)}` }),
  };
}

/** What the browser gets of the application's answer, with `policy` beside the application's own. */
export function toBrowserHeaders(
  headers: IncomingHttpHeaders,
  { browserHost, appHost }: PreviewNames,
  policy: string,
): OutgoingHttpHeaders {
  const { location } = headers;
  const cookies = headers["set-cookie"];
  const own = headers["content-security-policy"];
  const place = findPlace(location, browserHost);
  return {
    ...without(headers, DROPPED_ANSWERS),
    ...OUR_ANSWERS,
    "content-security-policy": [...keepOwnPolicy(String(own ?? "")), policy].join(", "),
    ...(cookies && { "set-cookie": cookies.map((cookie) => cookie.replace(/;\s*domain=[^;]*/gi, "")) }),
    ...(place &&
      isApp(place, appHost) && {
        location: `http://${browserHost}${place.pathname}${place.search}${place.hash}`,
      }),
  };
}

/** Whether an answer leads to another place than where it was asked for; one that cannot be read leads nowhere. */
export function leadsAway(location: string | undefined, { browserHost, appHost }: PreviewNames): boolean {
  const place = findPlace(location, browserHost);
  return place !== undefined && place.origin !== `http://${browserHost}` && !isApp(place, appHost);
}

function findPlace(location: string | undefined, browserHost: string): URL | undefined {
  const base = `http://${browserHost}/`;
  return location !== undefined && URL.canParse(location, base) ? new URL(location, base) : undefined;
}

/** Development servers name themselves by either name of the loopback. */
function isApp(place: URL, appHost: string): boolean {
  const name = place.host.replace(/^(127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?=:|$)/, "localhost");
  return place.protocol === "http:" && (name.includes(":") ? name : `${name}:80`) === appHost;
}

/** Without what holds for one connection only, nor the named ones. */
function without(headers: IncomingHttpHeaders, names: readonly string[]): OutgoingHttpHeaders {
  const ofConnection = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...ofConnection, ...names]);
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !dropped.has(name) && value !== undefined),
  );
}
