import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { CODE_HOST, type MadeFiles } from "./made-packages.ts";

export const STAND_IN_HOSTS = [
  "pypi.org",
  "files.pythonhosted.org",
  "index.crates.io",
  "static.crates.io",
  "proxy.golang.org",
  "repo.maven.apache.org",
  CODE_HOST,
];

/**
 * One server under the names of registries, with a certificate of an authority of its own (`authorityFile`): it serves
 * what was made for it, and the repositories below `codeRoot` to git. What else it is asked for does not exist.
 */
export async function startStandInRegistries(deps: { directory: string; files: MadeFiles; codeRoot: string }) {
  const { directory, files, codeRoot } = deps;
  const { key, cert, authorityFile } = makeCertificate(directory);
  const asked: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const host = request.headers.host ?? "";
    const url = new URL(request.url ?? "/", `https://${host}`);
    asked.push(`${host}${url.pathname}`);
    if (host === CODE_HOST) return void serveGit(codeRoot, url, { request, response });
    const content = files.get(`${host}${url.pathname}`);
    response.writeHead(content ? 200 : 404, {
      "content-type": url.pathname.endsWith("/") ? "text/html" : "text/plain",
    });
    return void response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    authorityFile,
    /** Hosts and paths, in the order in which they were asked for. */
    asked,
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** As web servers serve git: by its own program, which speaks CGI. */
async function serveGit(root: string, url: URL, { request, response }: Exchange): Promise<void> {
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks);
  const end = answer.indexOf("\r\n\r\n");
  let status = 200;
  for (const line of answer.subarray(0, end).toString("latin1").split("\r\n")) {
    const [name = "", value = ""] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(answer.subarray(end + 4));
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

function makeCertificate(directory: string): { key: Buffer; cert: Buffer; authorityFile: string } {
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  const [newKey, days] = [
    ["-newkey", "rsa:2048", "-nodes"],
    ["-days", "2"],
  ] as const;
  openssl("req", "-x509", ...newKey, ...days, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Stand-in authority");
  openssl("req", ...newKey, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=stand-in");
  writeFileSync(join(directory, "names"), `subjectAltName=${STAND_IN_HOSTS.map((host) => `DNS:${host}`).join(",")}\n`);
  const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  openssl("x509", "-req", ...days, "-in", "site.csr", ...signed, "-out", "site.crt");
  const read = (name: string): Buffer => readFileSync(join(directory, name));
  return { key: read("site.key"), cert: read("site.crt"), authorityFile: join(directory, "ca.crt") };
}
