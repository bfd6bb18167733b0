import { OpenPart, SettledPart } from "@background-agents/shared/sessions/part";
import { expect, it } from "vitest";
import { fitOpenPart, fitSettledPart } from "./part-limits.ts";

const huge = "x".repeat(3_000_000);
const deep = (levels: number): unknown => (levels === 0 ? huge : { a: [deep(levels - 1)] });
const input = { content: huge, list: Array.from({ length: 1000 }, () => "y"), deep: deep(30) };

it("makes any part fit a frame", () => {
  const open = fitOpenPart({
    partId: "p",
    kind: "tool",
    index: 0,
    rev: 0,
    text: huge,
    tool: { name: "n".repeat(500), status: "running", input },
  });
  const settled = fitSettledPart({
    partId: "p",
    kind: "tool",
    index: 0,
    text: huge,
    tool: {
      name: "t",
      status: "failed",
      input,
      output: huge,
      error: huge,
      patch: "+line\n".repeat(500_000),
      durationMs: 1,
    },
  });
  expect(OpenPart.safeParse(open).success && SettledPart.safeParse(settled).success).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(open))).toBeLessThan(2 ** 21);
  expect(Buffer.byteLength(JSON.stringify(settled))).toBeLessThan(2 ** 21);
  expect(settled.tool?.patch).toMatch(/\+line\n\\ The rest of this patch is left out\.\n$/);
});

it("leaves a part of ordinary size as it is", () => {
  const part = {
    partId: "p",
    kind: "tool" as const,
    index: 1,
    tool: { name: "bash", status: "completed" as const, input: { a: [1, { b: "c" }] }, output: "o", durationMs: 1 },
  };
  expect(fitSettledPart(part)).toEqual(part);
});
