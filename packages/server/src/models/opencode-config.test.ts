import type { PermissionRule } from "@background-agents/shared/sessions/permission-rule";
import { describe, expect, it } from "vitest";
import { buildPermission } from "./opencode-config.ts";

const rule = (tool: PermissionRule["tool"], pattern: string, action: PermissionRule["action"]) => ({
  tool,
  pattern,
  action,
});

describe("permissions", () => {
  const rules = [
    rule("bash", "npm test*", "allow"),
    rule("bash", "rm *", "deny"),
    rule("edit", "docs/*", "allow"),
    rule("bash", "npm test*", "ask"),
  ];

  it("follow the rules in the mode ask, the last that fits winning", () => {
    const permission = buildPermission("ask", rules);
    expect(permission).toMatchObject({ edit: { "*": "ask", "docs/*": "allow" }, webfetch: "ask" });
    // The order counts.
    expect(JSON.stringify(permission["bash"])).toBe('{"*":"ask","rm *":"deny","npm test*":"ask"}');
  });

  it("can be turned round for everything", () => {
    const permission = buildPermission("ask", [rule("bash", "*", "allow"), rule("bash", "git push*", "ask")]);
    expect(JSON.stringify(permission["bash"])).toBe('{"*":"allow","git push*":"ask"}');
  });

  it.each(["auto", "plan"] as const)("are those of the mode %s, whatever the rules", (mode) => {
    expect(buildPermission(mode, rules)).toEqual(buildPermission(mode, []));
  });
});
