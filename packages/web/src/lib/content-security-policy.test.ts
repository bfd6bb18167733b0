import { expect, it } from "vitest";
import { contentSecurityPolicy } from "./content-security-policy.ts";

const policy = (host: string, over: Partial<Parameters<typeof contentSecurityPolicy>[0]> = {}) =>
  Object.fromEntries(
    contentSecurityPolicy({ nonce: "abc", apiUrl: "http://localhost:8787", host, development: false, ...over })
      .split("; ")
      .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1).join(" ")]),
  );

it.each([
  ["localhost:3000", "'self' http://localhost:8787 ws://localhost:8787"],
  ["127.0.0.1:3000", "'self' http://127.0.0.1:8787 ws://127.0.0.1:8787"],
  ["desk.lan:3000", "'self' http://desk.lan:8787 ws://desk.lan:8787"],
  ["evil; script-src *", "'self' http://localhost:8787 ws://localhost:8787"],
])("lets a page opened at %s talk to the API there only", (host, connect) => {
  expect(policy(host)["connect-src"]).toBe(connect);
});

it("leaves an API elsewhere where it is", () => {
  expect(policy("desk.lan:3000", { apiUrl: "https://api.example.org" })["connect-src"]).toBe(
    "'self' https://api.example.org wss://api.example.org",
  );
});

it("lets neither script nor style in without the nonce, outside of development", () => {
  const { "script-src": script, "style-src-elem": style, "default-src": rest } = policy("localhost:3000");
  expect(script).toBe("'self' 'nonce-abc' 'strict-dynamic'");
  expect(style).toBe("'self' 'nonce-abc'");
  expect(rest).toBe("'none'");
});

it("frames previews only, at their port", () => {
  expect(policy("localhost:3000")["frame-src"]).toBe("http://*.localhost:8788");
  expect(policy("localhost:3000", { previewPort: 9999 })["frame-src"]).toBe("http://*.localhost:9999");
});
