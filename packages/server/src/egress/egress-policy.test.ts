import { describe, expect, it } from "vitest";
import { refusalReason, type EgressMode } from "./egress-policy.ts";
import { parseEgressTarget } from "./egress-target.ts";
import { REGISTRY_PRESET } from "./registry-preset.ts";

const rules = [
  { host: "registry.npmjs.org", why: "" },
  { host: "*.pythonhosted.org", why: "" },
];
const allowed = (mode: EgressMode, authority: string) => {
  const target = parseEgressTarget(authority);
  return !("reason" in target) && refusalReason({ mode, rules }, target) === undefined;
};

describe("refusalReason", () => {
  it.each([
    ["allowlist", "registry.npmjs.org:443", true],
    ["allowlist", "files.pythonhosted.org:443", true],
    ["allowlist", "a.b.pythonhosted.org:443", true],
    ["allowlist", "registry.npmjs.org:80", true],
    ["allowlist", "registry.npmjs.org:22", false],
    ["allowlist", "pythonhosted.org:443", false],
    ["allowlist", "evilpythonhosted.org:443", false],
    ["allowlist", "evil-registry.npmjs.org:443", false],
    ["allowlist", "x.registry.npmjs.org:443", false],
    ["allowlist", "registry.npmjs.org.evil.example:443", false],
    ["none", "registry.npmjs.org:443", false],
    ["open", "anything.example:443", true],
    ["open", "anything.example:25", false],
    ["open", "localhost:443", false],
    ["open", "metadata.google.internal:80", false],
    ["open", "printer.local:80", false],
  ] as const)("%s %s → %s", (mode, authority, expected) => {
    expect(allowed(mode, authority)).toBe(expected);
  });

  it("is closed when the list is empty or holds a rule of nothing but a star", () => {
    expect(refusalReason({ mode: "allowlist", rules: [] }, { host: "registry.npmjs.org", port: 443 })).toBeDefined();
    const star = [{ host: "*.", why: "" }];
    expect(refusalReason({ mode: "allowlist", rules: star }, { host: "registry.npmjs.org", port: 443 })).toBeDefined();
  });

  it("offers the registries and no code host", () => {
    const preset = { mode: "allowlist", rules: REGISTRY_PRESET } as const;
    expect(refusalReason(preset, { host: "registry.npmjs.org", port: 443 })).toBeUndefined();
    for (const host of ["github.com", "api.github.com", "codeload.github.com", "gist.github.com"]) {
      expect(refusalReason(preset, { host, port: 443 })).toBeDefined();
    }
  });
});
