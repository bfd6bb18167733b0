import { HostRule } from "@background-agents/shared/egress/network";
import { expect, it } from "vitest";
import { hostOf, wordProblem } from "./check-word.ts";

it("makes a host of what people paste", () => {
  expect(["https://API.example.com/v1?x=1", "api.example.com:443", "*.Example.org.", "localhost"].map(hostOf)).toEqual([
    "api.example.com",
    "api.example.com",
    "*.example.org",
    "localhost",
  ]);
});

it("writes a name of another script as the network knows it", () => {
  expect(["münchen.de", "*.bücher.example", "https://例え.jp/x", "ü b"].map(hostOf)).toEqual([
    "xn--mnchen-3ya.de",
    "*.xn--bcher-kva.example",
    "xn--r8jz45g.jp",
    "ü b",
  ]);
});

it("says why a word cannot be on the list", () => {
  expect(wordProblem(HostRule, "api.example.com")).toBeNull();
  expect(wordProblem(HostRule, "10.0.0.1")).toMatch(/^must be a host name/);
});
