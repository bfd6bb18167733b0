import type { IncomingHttpHeaders } from "node:http";
import { BROWSER_SUBPROTOCOL } from "@background-agents/shared/protocol/version";
import { AppError } from "../lib/app-error.ts";
import { isSameToken } from "./api-token.ts";

export interface AccessPolicy {
  /** Throws `access.host-refused` unless Host is loopback with our port, or allowed. */
  checkHost(headers: IncomingHttpHeaders): void;
  /** The Origin to answer to; undefined where the request has none. Throws `access.origin-refused` for any but the web UI's. */
  checkOrigin(headers: IncomingHttpHeaders): string | undefined;
  checkBearer(headers: IncomingHttpHeaders): void;
  /** The same for a WebSocket upgrade, whose token travels as an offered subprotocol. */
  checkSubprotocols(headers: IncomingHttpHeaders): void;
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

export interface AccessPolicyDeps {
  token: string;
  /** The ports are read at each request: port 0 is only known once we listen. */
  port: () => number;
  webPort: number;
  /** Host names (no port) under which API and page may be reached besides loopback. */
  allowedHosts: readonly string[];
}

/** Who may talk to the API. A page of another site can make a browser send anything but the right Host, Origin and token. */
export function createAccessPolicy(deps: AccessPolicyDeps): AccessPolicy {
  const hosts = [...LOOPBACK, ...deps.allowedHosts];

  return {
    checkHost(headers) {
      const host = headers.host?.toLowerCase() ?? "";
      const name = host.replace(/:\d+$/, "");
      const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 80);
      const loopback = LOOPBACK.includes(name) && port === deps.port();
      // Behind a tunnel or a private network's name the port may be another one.
      if (loopback || deps.allowedHosts.includes(name)) return;
      throw new AppError(
        "access.host-refused",
        `This server does not answer to the host name ${JSON.stringify(headers.host ?? "")}: use localhost, or add the name to ALLOWED_HOSTS.`,
      );
    },

    checkOrigin(headers) {
      const { origin } = headers;
      if (origin === undefined) return undefined;
      const url = URL.canParse(origin) ? new URL(origin) : undefined;
      const name = url?.hostname.toLowerCase() ?? "";
      const webPort = Number(url?.port || (url?.protocol === "https:" ? 443 : 80));
      const ours =
        url !== undefined &&
        url.origin === origin &&
        hosts.includes(name) &&
        (webPort === deps.webPort || (deps.allowedHosts.includes(name) && !LOOPBACK.includes(name)));
      if (ours) return origin;
      throw new AppError("access.origin-refused", `Requests from pages of ${origin} are refused.`);
    },

    checkBearer(headers) {
      const given = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
      if (given === undefined) {
        throw new AppError(
          "access.token-missing",
          "The request has no token: run npm run open for a link that has it.",
        );
      }
      if (!isSameToken(given, deps.token)) {
        throw new AppError("access.token-wrong", "The token is wrong: run npm run open for a link with the right one.");
      }
    },

    checkSubprotocols(headers) {
      const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
      const bearer = offered.find((one) => one.startsWith("bearer."));
      if (!offered.includes(BROWSER_SUBPROTOCOL) || bearer === undefined) {
        throw new AppError("access.token-missing", `Offer the subprotocols ${BROWSER_SUBPROTOCOL} and bearer.<token>.`);
      }
      if (!isSameToken(bearer.slice("bearer.".length), deps.token)) {
        throw new AppError("access.token-wrong", "The token is wrong.");
      }
    },
  };
}
