import { describe, expect, it } from "vitest";
import { isPrivateHost, requireEndpointAddress, toApiUrl } from "./endpoint-address.ts";

describe("requireEndpointAddress", () => {
  it.each([
    "https://api.example.com",
    "https://api.example.com:8443/some/path",
    "http://localhost:11434",
    "http://127.0.0.1:1234/v1",
    "http://[::1]:8080",
    "http://192.168.1.20:8000/v1",
    "http://10.0.0.7",
    "http://gpu-box:8000",
    "http://gpu.lan/v1",
  ])("takes %s", (address) => {
    expect(() => requireEndpointAddress(address)).not.toThrow();
  });

  it.each([
    ["http://api.example.com", "https://"],
    ["http://8.8.8.8/v1", "https://"],
    ["http://169.254.169.254/latest", "https://"],
    ["http://[2001:4860::8888]/v1", "https://"],
    ["http://127.0.0.1.example.com", "https://"],
    ["https://user:secret@api.example.com", "user name"],
    ["https://api.example.com/v1?key=secret", "query"],
    ["https://api.example.com/v1#x", "fragment"],
    ["ftp://api.example.com", "https://"],
    ["file:///etc/passwd", "https://"],
  ])("refuses %s", (...row) => {
    const [address, words] = row;
    expect(() => requireEndpointAddress(address)).toThrow(words);
  });
});

it.each([
  ["https://api.example.com", "openai-chat", "https://api.example.com/v1"],
  ["http://localhost:11434/", "openai-chat", "http://localhost:11434/v1"],
  ["http://localhost:11434/v1/", "openai-chat", "http://localhost:11434/v1"],
  ["https://api.example.com/api/paas/v4", "openai-chat", "https://api.example.com/api/paas/v4"],
  ["https://gateway.example.com/openai", "openai-responses", "https://gateway.example.com/openai"],
  ["https://api.example.com/anthropic", "anthropic", "https://api.example.com/anthropic/v1"],
  ["https://api.example.com/v1", "anthropic", "https://api.example.com/v1"],
] as const)("puts the calls to %s (%s) behind %s", (...row) => {
  const [address, wire, api] = row;
  expect(toApiUrl(address, wire)).toBe(api);
});

it("knows this machine and networks of one's own", () => {
  expect(["localhost", "a.localhost", "[fd00::1]", "172.31.0.1"].every(isPrivateHost)).toBe(true);
  expect(["example.com", "172.32.0.1", "1.1.1.1"].some(isPrivateHost)).toBe(false);
});
