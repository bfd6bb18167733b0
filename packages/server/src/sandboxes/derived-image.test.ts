import { expect, test } from "vitest";
import { buildDockerfile, buildFailure, hashOfDerived } from "./derived-image.ts";

test("an image is told by its base and its packages, in whatever order they stand", () => {
  const hash = hashOfDerived("sha256:1", ["jq", "tree"]);
  expect(hashOfDerived("sha256:1", ["tree", "jq", "jq"])).toBe(hash);
  expect(hashOfDerived("sha256:2", ["jq", "tree"])).not.toBe(hash);
  expect(hashOfDerived("sha256:1", ["jq"])).not.toBe(hash);
});

test("installs as root and leaves the sandbox's user, each name quoted", () => {
  const file = buildDockerfile("sha256:1", ["libpq-dev=15.*", "jq"]);
  expect(file.split("\n")[0]).toBe("FROM sha256:1");
  expect(file).toContain("install -y --no-install-recommends 'jq' 'libpq-dev=15.*';");
  expect(file.trimEnd().split("\n").at(-1)).toBe("USER 10001:10001");
});

test("a failure says what apt said, and brings the log along", () => {
  const log = "Step 3/4\nReading package lists...\nE: Unable to locate package nope\nremoved";
  const error = buildFailure(log, ["nope"]);
  expect(error).toMatchObject({ code: "image.build-failed", details: { logTail: log } });
  expect(error.message).toContain("(nope) could not be built: E: Unable to locate package nope");
  expect(buildFailure("one\ntwo", ["x"]).message).toContain("one two");
});
