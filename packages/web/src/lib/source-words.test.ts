import { expect, test } from "vitest";
import { sessionSourceWords, sourceWords } from "./source-words.ts";

test.each([
  ["default", "repository", null, "default"],
  ["environment", "repository", "SANDBOX_CPUS", ".env SANDBOX_CPUS"],
  ["global", "global", null, "set here"],
  ["global", "repository", null, "from all repositories"],
  ["repository", "repository", null, "set here"],
] as const)("%s in the scope %s", (...[source, scope, variable, words]) => {
  expect(sourceWords(source, scope, variable)).toBe(words);
});

test.each([
  [{ value: "open", source: "default", variable: "SANDBOX_NETWORK" }, "set for this session"],
  [{ value: "none", source: "default", variable: "SANDBOX_NETWORK" }, "default"],
  [{ value: "none", source: "environment", variable: "SANDBOX_NETWORK" }, ".env SANDBOX_NETWORK"],
  [{ value: "none", source: "global", variable: null }, "from all repositories"],
  [{ value: "none", source: "repository", variable: null }, "from its repository"],
] as const)("a session without a network, where its repository says %j", (setting, words) => {
  expect(sessionSourceWords("none", setting)).toBe(words);
});
