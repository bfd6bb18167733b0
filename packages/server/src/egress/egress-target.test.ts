import { describe, expect, it } from "vitest";
import { parseEgressTarget } from "./egress-target.ts";

describe("parseEgressTarget", () => {
  it.each([
    ["registry.npmjs.org:443", "registry.npmjs.org", 443],
    ["Registry.NPMJS.org:443", "registry.npmjs.org", 443],
    ["registry.npmjs.org.:443", "registry.npmjs.org", 443],
    ["xn--bcher-kva.example:80", "xn--bcher-kva.example", 80],
    ["localhost:443", "localhost", 443],
  ])("reads %s", (authority, host, port) => {
    expect(parseEgressTarget(authority)).toEqual({ host, port });
  });

  it.each([
    "93.184.216.34:443",
    "127.1:443",
    "2130706433:443",
    "0x7f000001:443",
    "0x7f.0.0.0x1:443",
    "[::1]:443",
    "::1:443",
    "registry.npmjs.org",
    "registry.npmjs.org:0",
    "registry.npmjs.org:65536",
    "registry.npmjs.org:443:443",
    "https://registry.npmjs.org:443",
    "user@registry.npmjs.org:443",
    "registry.npmjs.org/../x:443",
    "registry.npmjs.org\u0000.evil.example:443",
    "registry.npmjs.org .evil.example:443",
    "registry%2enpmjs.org:443",
    "bücher.example:443",
    "-a.example:443",
    "a..example:443",
    ".example:443",
    "a.example..:443",
    `${"a".repeat(64)}.example:443`,
    `${"a.".repeat(127)}example:443`,
    ":443",
    "",
  ])("refuses %j", (authority) => {
    expect(parseEgressTarget(authority)).toHaveProperty("reason");
  });
});
