import { previewPortBeside } from "@background-agents/shared/settings/preview-port";
import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "./lib/content-security-policy.ts";

/** Gives every page a content security policy with a nonce of its own; Next.js reads the nonce from the request's copy. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
  const apiUrl = process.env.API_URL ?? "http://localhost:8787";
  const policy = contentSecurityPolicy({
    nonce,
    apiUrl,
    host: request.headers.get("host") ?? "",
    // As the server has it where nothing is set.
    previewPort:
      Number(process.env.PREVIEW_PORT) ||
      previewPortBeside(Number(new URL(apiUrl).port), Number(process.env.WEB_PORT ?? 3000)),
    development: process.env.NODE_ENV === "development",
  });
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

export const config = {
  matcher: [{ source: "/((?!_next/static|_next/image|icon.svg).*)" }],
};
