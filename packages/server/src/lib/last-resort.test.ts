import { EventEmitter } from "node:events";
import { pino } from "pino";
import { expect, test } from "vitest";
import { installLastResort } from "./last-resort.ts";

function install() {
  const process = new EventEmitter();
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  let exits = 0;
  installLastResort({ process, log, exit: () => (exits += 1) });
  return { process, lines, exits: () => exits };
}

test("a promise that nobody took care of is logged, and the process goes on", () => {
  const { process, lines, exits } = install();
  process.emit("unhandledRejection", new Error("the engine does not answer"));
  expect(lines.join("")).toContain("the engine does not answer");
  expect(exits()).toBe(0);
});

test("an exception that nobody caught is logged with its place, and the process ends", () => {
  const { process, lines, exits } = install();
  process.emit("uncaughtException", new TypeError("nothing is sure"));
  expect(lines.join("")).toContain("nothing is sure");
  expect(lines.join("")).toContain("last-resort.test.ts");
  expect(exits()).toBe(1);
});
