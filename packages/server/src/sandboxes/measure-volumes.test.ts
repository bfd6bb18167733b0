import { newId } from "@background-agents/shared/ids";
import { expect, test } from "vitest";
import { readUse } from "./measure-volumes.ts";

test("adds up a session's volumes", () => {
  const [a, b] = [newId("session"), newId("session")];
  const table = (...counts: number[]) =>
    [`${a}.state`, `${a}.workspace`, `${b}.state`, `${b}.workspace`]
      .map((name, at) => `${counts[at]}\t${name}`)
      .join("\n");
  expect(readUse(`${table(1000, 200, 30, 4)}\n\n${table(1, 2, 3, 4)}\n\n`)).toEqual(
    new Map([
      [a, { bytes: 1200, inodes: 3 }],
      [b, { bytes: 34, inodes: 7 }],
    ]),
  );
});

test("an empty answer is no measure of nothing", () => {
  expect(() => readUse("")).toThrow("could not be counted");
});
