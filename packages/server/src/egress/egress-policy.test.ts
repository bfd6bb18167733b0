import type { NetworkMode } from "@background-agents/shared/egress/network";
import { describe, expect, it } from "vitest";
import { type EgressPolicy, findRefusal } from "./egress-policy.ts";
import { parseEgressTarget } from "./egress-target.ts";
import { REGISTRY_PRESET } from "./registry-preset.ts";

const rules = ["registry.npmjs.org", "*.pythonhosted.org", "*.xn--bcher-kva.example", "nas.local"].map((host) => ({
  host,
}));
const ask = (policy: EgressPolicy | undefined, authority: string) => {
  const target = parseEgressTarget(authority);
  return "reason" in target ? { ...target, allowable: false } : findRefusal(policy, target);
};

describe("findRefusal", () => {
  it.each([
    ["allowlist", "registry.npmjs.org:443", "yes"],
    ["allowlist", "Registry.NPMJS.org.:443", "yes"],
    ["allowlist", "files.pythonhosted.org:443", "yes"],
    ["allowlist", "a.b.pythonhosted.org:443", "yes"],
    ["allowlist", "registry.npmjs.org:80", "yes"],
    ["allowlist", "www.xn--bcher-kva.example:443", "yes"],
    ["allowlist", "www.bücher.example:443", "never"],
    ["allowlist", "registry.npmjs.org:22", "never"],
    ["allowlist", "registry.npmjs.org:8443", "never"],
    ["allowlist", "nas.local:443", "never"],
    ["allowlist", "localhost:443", "never"],
    ["allowlist", "pythonhosted.org:443", "if the user says so"],
    ["allowlist", "evilpythonhosted.org:443", "if the user says so"],
    ["allowlist", "evil-registry.npmjs.org:443", "if the user says so"],
    ["allowlist", "x.registry.npmjs.org:443", "if the user says so"],
    ["allowlist", "registry.npmjs.org.evil.example:443", "if the user says so"],
    ["allowlist", "www.xn--bcher-lva.example:443", "if the user says so"],
    ["allowlist", "169.254.169.254:80", "never"],
    ["allowlist", "metadata.google.internal:80", "never"],
    ["none", "registry.npmjs.org:443", "never"],
    ["none", "registry.npmjs.org:22", "never"],
    ["open", "anything.example:443", "yes"],
    ["open", "anything.example:25", "never"],
    ["open", "localhost:443", "never"],
    ["open", "metadata.google.internal:80", "never"],
    ["open", "printer.local:80", "never"],
    ["open", "2130706433:80", "never"],
    ["open", "0x7f.1:80", "never"],
    ["open", "127.1:80", "never"],
    ["open", "[::ffff:127.0.0.1]:80", "never"],
  ] as const)("%s %s → %s", (mode, authority, expected) => {
    const refusal = ask({ mode, rules }, authority);
    expect(refusal === undefined ? "yes" : refusal.allowable ? "if the user says so" : "never").toBe(expected);
  });

  it("is closed when the list is empty or holds a rule of nothing but a star", () => {
    const target = { host: "registry.npmjs.org", port: 443 };
    expect(findRefusal({ mode: "allowlist", rules: [] }, target)).toBeDefined();
    expect(
      findRefusal({ mode: "allowlist", rules: [{ host: "*." }, { host: "*" }, { host: "" }] }, target),
    ).toBeDefined();
  });

  it("is closed without a policy, and with a mode that is none", () => {
    const target = { host: "registry.npmjs.org", port: 443 };
    expect(findRefusal(undefined, target)).toMatchObject({ allowable: false });
    expect(findRefusal({ mode: "all" as NetworkMode, rules }, target)).toMatchObject({ allowable: false });
  });

  it("keeps a rule to its ports, and lets the user open the host on others", () => {
    const policy = { mode: "allowlist", rules: [{ host: "registry.npmjs.org", ports: [443] }] } as const;
    expect(ask(policy, "registry.npmjs.org:443")).toBeUndefined();
    expect(ask(policy, "registry.npmjs.org:80")).toEqual({
      reason: "registry.npmjs.org is reached by https, port 443, only",
      allowable: true,
    });
    const opened = { ...policy, rules: [...policy.rules, { host: "registry.npmjs.org" }] };
    expect(ask(opened, "registry.npmjs.org:80")).toBeUndefined();
  });

  it("offers the registries and no code host", () => {
    const preset = { mode: "allowlist", rules: REGISTRY_PRESET } as const;
    expect(findRefusal(preset, { host: "registry.npmjs.org", port: 443 })).toBeUndefined();
    for (const host of ["github.com", "api.github.com", "codeload.github.com", "gist.github.com"]) {
      expect(findRefusal(preset, { host, port: 443 })).toBeDefined();
    }
  });
});
