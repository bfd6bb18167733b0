import { expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "../../ui/session-options.tsx";
import { differing, withChosen } from "./usual-options.ts";

it("keeps of a choice only what is not as usual, so that the repository's settings go on to hold", () => {
  const usual = { ...DEFAULT_OPTIONS, permissionMode: "ask" } as const;
  const chosen = differing({ ...usual, networkMode: "none" }, usual);
  expect(chosen).toEqual({ networkMode: "none" });
  expect(withChosen({ ...usual, publishMode: "manual" }, chosen)).toEqual({
    permissionMode: "ask",
    publishMode: "manual",
    agentPush: "ask",
    networkMode: "none",
  });
});
