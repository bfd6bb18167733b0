import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface GitOptions {
  /** Working trees of each kind, after one warm-up of each. */
  samples: number;
  /** Turns whose work is imported. */
  turns: number;
  /** What the repository is made with. */
  files: number;
  commits: number;
  /** Measures the page too, with a real session: needs Docker and `npm run build`. */
  page: boolean;
  /** Where the whole result goes as JSON. */
  jsonFile: string | undefined;
}

/** Reads the options of `bench git`. Throws with a message for the user where one is unknown or makes no sense. */
export function readGitOptions(args: string[]): GitOptions {
  const { values } = parseArgs({
    args,
    options: {
      samples: { type: "string", default: "7" },
      turns: { type: "string", default: "40" },
      files: { type: "string", default: "50000" },
      commits: { type: "string", default: "20000" },
      page: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const count = (name: "samples" | "turns" | "files" | "commits", least: number): number => {
    const number = Number(values[name]);
    if (Number.isInteger(number) && number >= least) return number;
    throw new Error(`--${name} is "${values[name]}": it must be a whole number from ${least} on.`);
  };
  return {
    samples: count("samples", 1),
    turns: count("turns", 1),
    // A turn changes some files and deletes one.
    files: count("files", 2000),
    commits: count("commits", 1),
    page: values.page,
    jsonFile: values.json === undefined ? undefined : resolve(values.json),
  };
}
