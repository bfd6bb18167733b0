import { expect, it } from "vitest";
import { compareUrl, ownerAndName, parseRemoteUrl } from "./remote-url.ts";

it.each([
  ["git@github.com:ada/example.git", "ssh", "github.com", "ada/example"],
  ["github-work:ada/example", "ssh", "github-work", "ada/example"],
  ["ssh://git@GitHub.com:22/ada/example.git", "ssh", "github.com", "ada/example"],
  ["https://user:secret@github.com/ada/example", "https", "github.com", "ada/example"],
  ["http://localhost:3000/ada/example.git/", "http", "localhost", "ada/example"],
  ["/srv/git/example.git", "path", null, "/srv/git/example.git"],
  ["file:///srv/git/example.git", "path", null, "/srv/git/example.git"],
  ["../example.git", "path", null, "../example.git"],
  ["./a:b", "path", null, "./a:b"],
])("reads %j", (url, ...expected) => {
  const address = parseRemoteUrl(url);
  expect([address?.transport, address?.host, address?.path]).toEqual(expected);
});

it.each([
  "ext::sh -c evil",
  "fd::7",
  "",
  "--upload-pack=evil",
  "-oProxyCommand=evil:x",
  "ssh://-oProxyCommand=x/a",
  "x://a/b",
  "a\nb:c",
])("refuses %j", (url) => {
  expect(parseRemoteUrl(url)).toBeUndefined();
});

it.each([
  ["git@github.com:ada/example.git", "https://github.com/ada/example/compare/main...agents/a%23b?expand=1"],
  [
    "https://gitlab.com/group/sub/example.git",
    "https://gitlab.com/group/sub/example/-/merge_requests/new?merge_request%5Bsource_branch%5D=agents%2Fa%23b&merge_request%5Btarget_branch%5D=main",
  ],
  [
    "git@bitbucket.org:ada/example.git",
    "https://bitbucket.org/ada/example/pull-requests/new?source=agents%2Fa%23b&dest=main",
  ],
  ["https://codeberg.org/ada/example.git", "https://codeberg.org/ada/example/compare/main...agents/a%23b"],
  ["git@notgithub.example:ada/example.git", null],
  ["/srv/git/github.com/example.git", null],
])("the page to compare on for %j", (url, page) => {
  const address = parseRemoteUrl(url);
  expect(address && compareUrl(address, { base: "main", head: "agents/a#b" })).toBe(page);
});

it("finds owner and name where there are these two", () => {
  const of = (url: string) => {
    const address = parseRemoteUrl(url);
    return address && ownerAndName(address);
  };
  expect(of("git@github.com:ada/example.git")).toBe("ada/example");
  expect(of("git@gitlab.com:group/sub/example.git")).toBeNull();
  expect(of("ada/example")).toBeNull();
});
