import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface StartOptions {
  /** Measured samples of each side, after one warm-up of each. */
  samples: number;
  /** Where the whole result goes as JSON. */
  jsonFile: string | undefined;
}

/** Reads the options of `bench start`. Throws with a message for the user where one is unknown or makes no sense. */
export function readStartOptions(args: string[]): StartOptions {
  const { values } = parseArgs({
    args,
    options: { samples: { type: "string", default: "5" }, json: { type: "string" } },
  });
  const samples = Number(values.samples);
  if (!Number.isInteger(samples) || samples < 1) {
    throw new Error(`--samples is "${values.samples}": it must be a whole number from 1 on.`);
  }
  return { samples, jsonFile: values.json === undefined ? undefined : resolve(values.json) };
}
