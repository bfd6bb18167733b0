import { expect, it } from "vitest";
import { parseCloneUrl } from "./clone-url.ts";

it.each([
  ["https://example.com/team/tools.git", "tools"],
  ["https://example.com/team/tools/", "tools"],
  ["https://ada@example.com:8443/tools", "tools"],
  ["ssh://git@example.com:2222/team/my.tools.git", "my.tools"],
  ["git@example.com:team/tools.git", "tools"],
  ["  git@example.com:tools  ", "tools"],
])("%j is cloned as %j", (url, name) => {
  expect(parseCloneUrl(url)).toEqual({ url: url.trim(), name });
});

it.each([
  "",
  "/home/ada/tools",
  "../tools",
  "file:///home/ada/tools",
  "http://example.com/tools",
  "git://example.com/tools",
  "ext::sh -c touch% /tmp/x",
  "https:example.com/tools",
  "https://ada:secret@example.com/tools",
  "https://example.com/",
  "https://example.com/..",
  "https://example.com/.git",
  "https://example.com/-tools",
  "https://example.com/a b",
  "https://example.com/a\nb",
  "ssh://-oProxyCommand=x/tools",
  "ssh://-x@example.com/tools",
  "-x@example.com:tools",
  "git@-oProxyCommand=x:tools",
  "--upload-pack=x",
])("%j is refused", (url) => {
  expect(() => parseCloneUrl(url)).toThrow(expect.objectContaining({ code: "repository.invalid" }));
});
