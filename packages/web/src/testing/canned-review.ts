/** One file of the canned review, as it was before and is after; null: it was not there. */
export interface CannedFile {
  path: string;
  oldPath?: string;
  before: string | Buffer | null;
  after: string | Buffer | null;
  oldMode?: string;
  newMode?: string;
  kind?: "link" | "submodule";
  executedBy?: string;
}

const ROUTES = (register: string, list: string) => `import type { FastifyInstance } from "fastify";
import rateLimit from "@fastify/rate-limit";
import { apiKeyOf } from "../auth/api-key.ts";
import { listItems, readItem } from "./items.ts";
import { itemsSchema } from "./schemas.ts";
import { status } from "./status.ts";

/** Routes that anybody with a key may call. */
export async function publicRoutes(app: FastifyInstance) {
${register}  app.get("/v1/items", ${list});
  app.get("/v1/items/:id", readItem);
  app.get("/v1/status", status);
}

/** Tells whether the service is up, without a key. */
export async function openRoutes(app: FastifyInstance) {
  app.get("/health", () => ({ status: "ok" }));
}

export const PUBLIC_PREFIX = "/v1";
export const OPEN_PREFIX = "/";

export function isPublic(path: string): boolean {
  return path.startsWith(PUBLIC_PREFIX);
}

export function describeRoutes(): string[] {
  return ["GET /v1/items", "GET /v1/items/:id", "GET /v1/status"];
}
`;

const TEST = `import { expect, it } from "vitest";
import { buildApp } from "../src/app.ts";

it("refuses the 61st request within a minute", async () => {
  const app = await buildApp();
  for (let request = 0; request < 60; request++) {
    expect((await app.inject("/v1/items")).statusCode).toBe(200);
  }
  const refused = await app.inject("/v1/items");
  expect(refused.statusCode).toBe(429);
  expect(refused.headers["retry-after"]).toBe("60");
});
`;

/** A picture of one colour with a frame, as SVG. */
const picture = (colour: string, size: number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="${size}" height="${size}" rx="12" fill="${colour}"/><circle cx="${size / 2}" cy="${size / 2}" r="${size / 4}" fill="#fff"/></svg>\n`;

const REGISTER = `  await app.register(rateLimit, {
    max: 60,
    timeWindow: "1 minute",
    keyGenerator: (request) => apiKeyOf(request),
  });
`;

/** Changes of every kind a review can meet. */
export const CANNED_FILES: CannedFile[] = [
  {
    path: "src/routes/public.ts",
    before: ROUTES("", "listItems"),
    after: ROUTES(REGISTER, "{ schema: itemsSchema }, listItems"),
  },
  { path: "test/rate-limit.test.ts", before: null, after: TEST },
  {
    path: "src/config.ts",
    before: 'export const port = 8080;\nexport const host = "localhost";\n',
    after:
      'export const port = 8080;\nexport const host = "127.0.0.1";\n\n/** Requests a minute and key. */\nexport const rateLimit = 60;\n',
  },
  {
    path: "src/auth/api-key.ts",
    oldPath: "src/lib/api-key.ts",
    before: 'export const apiKeyOf = (request: { headers: Record<string, string> }) => request.headers["x-api-key"];\n',
    after: 'export const apiKeyOf = (request: { headers: Record<string, string> }) => request.headers["x-api-key"];\n',
  },
  { path: "src/lib/throttle.ts", before: "export function throttle() {\n  return null;\n}\n", after: null },
  {
    path: ".github/workflows/test.yml",
    before: "on: push\njobs: {}\n",
    after: "on: [push, pull_request]\njobs: {}\n",
    executedBy: "GitHub Actions runs workflows",
  },
  { path: "assets/logo.svg", before: picture("#2c57e0", 96), after: picture("#6a3bcc", 128) },
  { path: "assets/font.woff2", before: Buffer.from([0, 1, 2, 3]), after: Buffer.from([0, 1, 2, 3, 4, 5]) },
  {
    path: "scripts/release.sh",
    before: "#!/bin/sh\necho release\n",
    after: "#!/bin/sh\necho release\n",
    oldMode: "100644",
    newMode: "100755",
  },
  { path: "docs/latest", before: null, after: "v2", kind: "link" },
  {
    path: "vendor/limits",
    before: "Subproject commit 1111111111111111111111111111111111111111\n",
    after: "Subproject commit 2222222222222222222222222222222222222222\n",
    kind: "submodule",
  },
  { path: "src/empty.ts", before: null, after: "" },
];

/** Many files, and one that is very long. */
export function manyFiles(count: number, longest: number): CannedFile[] {
  const files = Array.from({ length: count }, (_, at): CannedFile => {
    const path = `packages/part-${String(at % 40).padStart(2, "0")}/src/${at % 7 === 0 ? "deep/er/" : ""}file-${String(at).padStart(4, "0")}.ts`;
    const lines = Array.from({ length: 40 }, (_line, line) => `export const value${line} = ${at + line};`);
    const after = lines.map((line, place) => (place === 3 || place === 30 ? `${line} // changed` : line));
    return { path, before: `${lines.join("\n")}\n`, after: `${after.join("\n")}\n` };
  });
  const lines = (text: string) =>
    Array.from({ length: longest }, (_, at) => `{ "row": ${at}, "is": "${text}" },`).join("\n");
  return [{ path: "data/rows.json", before: `${lines("before")}\n`, after: `${lines("after")}\n` }, ...files];
}
