import { ChangedFile } from "@background-agents/shared/sessions/session";
import { expect, it } from "vitest";
import { bodyOf, isLarge, noteOf, tagsOf } from "./file-facts.ts";

const file = (over: Partial<ChangedFile>): ChangedFile =>
  ChangedFile.parse({ path: "a.ts", status: "modified", additions: 1, deletions: 0, binary: false, ...over });

it.each([
  [file({}), "lines"],
  [file({ path: "a.PNG", binary: true, additions: 0 }), "image"],
  [file({ path: "a.svg" }), "image"],
  [file({ binary: true, additions: 0 }), "note"],
  [file({ kind: "submodule" }), "note"],
  [file({ path: "logo.png", kind: "link" }), "lines"],
  [file({ additions: 0 }), "note"],
])("%o is shown as %s", (given, body) => expect(bodyOf(given)).toBe(body));

it.each([
  [file({ oldMode: "100644", newMode: "100755" }), ["now executable"]],
  [file({ oldMode: "100755", newMode: "100644" }), ["no longer executable"]],
  [file({ oldMode: "100644", newMode: "120000", kind: "link" }), ["link", "100644 → 120000"]],
  [file({ kind: "submodule" }), ["submodule"]],
  [file({ binary: true }), ["binary"]],
  [file({}), []],
])("%o is tagged %j", (given, tags) => expect(tagsOf(given)).toEqual(tags));

it.each([
  [file({ kind: "submodule" }), /another commit/],
  [file({ binary: true }), /binary/],
  [file({ additions: 0, status: "renamed", oldPath: "b.ts" }), /Renamed from b\.ts/],
  [file({ additions: 0, oldMode: "100644", newMode: "100755" }), /mode/],
  [file({ additions: 0, status: "added" }), /empty/],
])("%o says %s", (given, words) => expect(noteOf(given)).toMatch(words));

it("is large above 3,000 changed lines", () => {
  expect(isLarge(file({ additions: 2000, deletions: 1000 }))).toBe(false);
  expect(isLarge(file({ additions: 2000, deletions: 1001 }))).toBe(true);
});
