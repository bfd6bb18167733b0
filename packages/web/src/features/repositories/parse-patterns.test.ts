import { expect, it } from "vitest";
import { parsePatterns } from "./parse-patterns.ts";

it("takes one pattern a line, once, without comments", () => {
  expect(parsePatterns(" .env \n\n# mine\nconfig/*.json\r\n.env\n!.env.example")).toEqual([
    ".env",
    "config/*.json",
    "!.env.example",
  ]);
});
