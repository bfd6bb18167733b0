import { apiUrlFor } from "./api-url.ts";

/**
 * The page's content security policy. Scripts and style sheets run with the nonce only; style attributes are allowed,
 * since the code highlighter colours tokens with them. The page talks to its own origin and to the API, nothing else; only previews of what
 * agents run stand in frames, and by that they can go nowhere else.
 */
export function contentSecurityPolicy(options: {
  nonce: string;
  apiUrl: string;
  /** The request's `Host` header. */
  host: string;
  development: boolean;
  /** Where previews are shown, each under a host name of its own. */
  previewPort?: number;
}): string {
  const { nonce, apiUrl, host, development, previewPort = 8788 } = options;
  const api = apiUrlFor(apiUrl, hostnameOf(host));
  const own = development ? ` ws://${safeHost(host)}` : "";
  const directives = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // The development server's overlay and hot reload add style elements without a nonce.
    `style-src-elem 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    `connect-src 'self' ${api} ${api.replace(/^http/, "ws")}${own}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `frame-src http://*.localhost:${previewPort}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return directives.join("; ");
}

/** A `Host` header's characters that may stand in a policy; anything else would let a request write directives. */
function safeHost(host: string): string {
  return /^[a-z0-9.:[\]-]+$/i.test(host) ? host : "localhost";
}

function hostnameOf(host: string): string {
  return safeHost(host).replace(/:\d+$/, "");
}
