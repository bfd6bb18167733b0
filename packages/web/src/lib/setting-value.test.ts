import type { Setting } from "@background-agents/shared/settings/settings";
import { expect, it } from "vitest";
import { findSetting, ownValue, withOwn } from "./setting-value.ts";

const hosts: Setting = {
  key: "network.hosts",
  value: ["a.example", "b.example"],
  source: "repository",
  scopes: ["global", "repository"],
  variable: null,
  inherited: { value: ["a.example"], source: "global" },
};

it("tells what a repository added from what all repositories have", () => {
  const shown = findSetting([hosts], "network.hosts");
  expect(shown && ownValue(shown, "repository")).toEqual(["b.example"]);
  expect(shown && ownValue(shown, "global")).toBeUndefined();
});

it("knows how a setting will stand once it is set, and once that is taken back", () => {
  expect(withOwn(hosts, "repository", ["c.example", "a.example"]).value).toEqual(["a.example", "c.example"]);
  expect(withOwn(hosts, "repository", undefined)).toMatchObject({ value: ["a.example"], source: "global" });
  expect(withOwn({ ...hosts, key: "network.mode" }, "repository", "none")).toMatchObject({
    value: "none",
    source: "repository",
  });
});

it("shows the default for a value it does not know, and nothing for a setting that is not offered", () => {
  expect(findSetting([{ ...hosts, key: "network.mode", value: "quantum" }], "network.mode")?.value).toBe("allowlist");
  expect(findSetting([hosts], "sandbox.cpus")).toBeNull();
});
