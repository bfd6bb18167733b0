import { expect, it } from "vitest";
import { hubControlUrl, parseHubAddress } from "./hub-address.ts";

it.each([
  ["unix:/run/hub/hub.sock", { kind: "unix", path: "/run/hub/hub.sock" }, "ws+unix:/run/hub/hub.sock:/control"],
  [
    "tcp:host.docker.internal:4567",
    { kind: "tcp", host: "host.docker.internal", port: 4567 },
    "ws://host.docker.internal:4567/control",
  ],
])("reads %s", (text, address, url) => {
  expect(parseHubAddress(text)).toEqual(address);
  expect(hubControlUrl(parseHubAddress(text))).toBe(url);
});

it.each(["", "unix:relative", "tcp:host", "tcp:host:port", "http://host:1"])("refuses %j", (text) => {
  expect(() => parseHubAddress(text)).toThrow("unix:<path> or tcp:<host>:<port>");
});
