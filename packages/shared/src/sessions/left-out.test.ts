import { expect, test } from "vitest";
import { findLeftOut, leftOut } from "./left-out.ts";

const placesOf = (text: string): string[] => findLeftOut(text).map(({ from, to }) => text.slice(from, to));

test("finds where a text was cut, with the line breaks around it", () => {
  expect(placesOf("nothing… 12 left out")).toEqual([]);
  expect(placesOf(`head\n${leftOut(7)}\ntail`)).toEqual([`\n${leftOut(7)}\n`]);
  expect(placesOf(`${leftOut(7)}\ntail`)).toEqual([`${leftOut(7)}\n`]);
});

test("of many marks it takes the first, the one in the middle, where a cut is, and the last", () => {
  const many = `${leftOut(1)} `.repeat(50);
  expect(placesOf(`${many}x${leftOut(22)}x${many}`)).toEqual([leftOut(1), leftOut(22), leftOut(1)]);
});
