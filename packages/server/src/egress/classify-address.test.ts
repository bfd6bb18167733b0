import { describe, expect, it } from "vitest";
import { classifyAddress, isInNetworks } from "./classify-address.ts";

describe("classifyAddress", () => {
  it.each(["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])("takes %s", (address) => {
    expect(classifyAddress(address)).toBe("public");
  });

  it.each(["192.0.2.1", "198.51.100.7", "203.0.113.7", "198.18.0.1", "198.19.255.255"])(
    "knows the stand-in %s",
    (address) => {
      expect(classifyAddress(address)).toBe("stand-in");
    },
  );

  it.each([
    ["0.0.0.0", "unspecified"],
    ["10.1.2.3", "private"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["127.0.0.1", "loopback"],
    ["169.254.169.254", "metadata"],
    ["172.16.0.1", "private"],
    ["172.17.0.1", "Docker's bridge"],
    ["192.168.1.1", "private"],
    ["224.0.0.1", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "mapped"],
    ["::ffff:93.184.216.34", "mapped, though public"],
    ["::127.0.0.1", "compatible"],
    ["64:ff9b::7f00:1", "NAT64"],
    ["2002:7f00:1::", "6to4"],
    ["2001::1", "Teredo"],
    ["2001:db8::1", "documentation"],
    ["fc00::1", "unique local"],
    ["fd00:ec2::254", "metadata over IPv6"],
    ["fe80::1", "link-local"],
    ["fe80::1%eth0", "link-local with a zone"],
    ["fec0::1", "site-local"],
    ["ff02::1", "multicast"],
    ["127.1", "not in full form"],
    ["registry.npmjs.org", "a name"],
    ["", "nothing"],
  ])("refuses %s (%s)", (address) => {
    expect(classifyAddress(address)).toBe("refused");
  });
});

describe("isInNetworks", () => {
  it.each([
    ["93.184.216.34", "93.184.216.34/24", true],
    ["93.184.216.35", "93.184.216.34/24", true],
    ["93.184.217.35", "93.184.216.34/24", false],
    ["93.184.217.35", "93.184.216.34/16", true],
    ["93.184.216.35", "93.184.216.34/32", false],
    ["93.184.216.35", "93.184.216.34", false],
    ["93.184.216.34", "93.184.216.34", true],
    ["2a01:4f8::2", "2a01:4f8::1/64", true],
    ["2A01:04F8:0:0::1", "2a01:4f8::1", true],
    ["2a01:4f8:0:1::2", "2a01:4f8::1/64", false],
    ["2a01:4f8::2", "2a01:4f8::1/128", false],
    // Tunnels to everywhere.
    ["93.184.216.35", "93.184.216.34/0", false],
    ["93.184.216.34", "93.184.216.34/0", true],
    ["93.185.0.1", "93.184.216.34/15", false],
    ["2a01:4f8::2", "2a01:4f8::1/3", false],
    ["93.184.216.34", "2a01:4f8::1/64", false],
    ["no address", "93.184.216.34/24", false],
  ])("%s in %s: %j", (address, network, expected) => {
    expect(isInNetworks(address, ["10.0.0.1/8", network])).toBe(expected);
  });
});
