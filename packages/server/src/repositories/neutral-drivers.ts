import { configVariables } from "../lib/git-environment.ts";
import type { Git } from "../lib/git-process.ts";

/**
 * Variables that take the power from every filter, merge driver and diff command of the user's configuration, for one
 * git call: a `.gitattributes` that the agent wrote must not choose programs to run. `filters` names those that would
 * have had content to change.
 */
export async function neutralDrivers(
  git: Git,
  cwd: string,
): Promise<{ env: Record<string, string>; filters: string[] }> {
  const { stdout } = await git.run(["config", "--null", "--name-only", "--list"], { cwd, trust: "user" });
  const names = [...new Set(stdout.split("\0").filter(Boolean))];
  const filters = new Set<string>();
  const settings = names.flatMap((name): [string, string][] => {
    const filter = /^filter\.(.+)\.(clean|smudge|process|required)$/s.exec(name);
    if (filter) {
      if (filter[1] !== undefined) filters.add(filter[1]);
      return [[name, filter[2] === "required" ? "false" : ""]];
    }
    // A merge that wants such a driver stops as a conflict.
    if (/^merge\..+\.driver$/s.test(name)) return [[name, "false"]];
    if (/^diff\.(.+\.)?(command|textconv|external)$/s.test(name)) return [[name, ""]];
    return [];
  });
  return { env: configVariables(settings), filters: [...filters] };
}
