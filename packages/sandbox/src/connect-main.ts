import { request } from "node:http";

/**
 * SSH's way out of the sandbox (`ProxyCommand background-agents-connect %h %p`): a tunnel through the egress proxy,
 * which lets only what the server allows through.
 */
const [host = "", port = ""] = process.argv.slice(2);
const fail = (why: string): never => {
  console.error(`background-agents: no connection to ${host}:${port}: ${why}`);
  process.exit(1);
};
const proxy = process.env["HTTPS_PROXY"] ?? process.env["https_proxy"];
if (!proxy) fail("HTTPS_PROXY is not set");
const { hostname, port: proxyPort } = new URL(proxy ?? "");
const outgoing = request({ host: hostname, port: proxyPort, method: "CONNECT", path: `${host}:${port}` });
outgoing.on("error", (error) => fail(error.message));
outgoing.on("response", () => fail("the proxy does not do this"));
outgoing.on("connect", (response, socket, head) => {
  if (response.statusCode !== 200) {
    fail(`${response.statusCode ?? 0} ${response.statusMessage ?? ""}`);
  }
  if (head.length > 0) process.stdout.write(head);
  socket.on("error", (error: Error) => fail(error.message));
  socket.on("close", () => process.exit(0));
  process.stdin.pipe(socket);
  socket.pipe(process.stdout);
});
outgoing.end();
