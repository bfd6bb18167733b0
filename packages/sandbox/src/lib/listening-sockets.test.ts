import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { findOwners, parseListening, readListening } from "./listening-sockets.ts";

const HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (address: string, state = "0A") =>
  `   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0\n`;

it.each([
  ["127.0.0.1", "0100007F:1435", 5173],
  ["another address of the loopback", "0200007F:1435", 5173],
  ["every address", "00000000:0BB8", 3000],
  ["every address of IPv6", "00000000000000000000000000000000:0BB8", 3000],
  ["::1", "00000000000000000000000001000000:1F90", 8080],
  ["a mapped 127.0.0.1", "0000000000000000FFFF00000100007F:0016", 22],
])("knows what listens on %s", (_name, address, port) => {
  expect(parseListening(HEADER + line(address))).toEqual([{ port, inode: "4711" }]);
});

it.each([
  ["a connection", line("0100007F:1435", "01")],
  ["another interface", line("0200A8C0:1435")],
  ["another interface of IPv6", line("000080FE00000000FF565002FE2B1EFE:1435")],
  ["nothing", ""],
  ["nonsense", "a b c\n"],
])("leaves out %s", (_name, text) => {
  expect(parseListening(HEADER + text)).toEqual([]);
});

it("finds a real listener and whose it is", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const found = (await readListening("/proc")).find((one) => one.port === port);
  const owners = await findOwners("/proc", new Set([found?.inode ?? ""]));
  expect(owners.get(found?.inode ?? "")).toMatchObject({ pid: process.pid, command: expect.stringContaining("node") });
  server.close();
  await once(server, "close");
  expect((await readListening("/proc")).map((one) => one.port)).not.toContain(port);
});
