import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BootId } from "@background-agents/shared/ids";
import { ExpectedContainer } from "./assert-sandbox.ts";

const ENDING = ".json";

export type ProfileBook = ReturnType<typeof createProfileBook>;

/**
 * What each boot's container was built as: one file a boot, where no container can reach it. A server that takes over a
 * running container compares it with this.
 */
export function createProfileBook(deps: { dataDir: string }) {
  const directory = join(deps.dataDir, "profiles");
  const pathOf = (boot: string): string => join(directory, boot + ENDING);

  return {
    save(boot: BootId, expected: ExpectedContainer): void {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeFileSync(pathOf(boot), JSON.stringify(expected), { mode: 0o600 });
    },

    /** Undefined where there is none, or none that can be read. */
    find(boot: BootId): ExpectedContainer | undefined {
      try {
        return ExpectedContainer.parse(JSON.parse(readFileSync(pathOf(boot), "utf8")));
      } catch {
        return undefined;
      }
    },

    remove(boot: BootId): void {
      rmSync(pathOf(boot), { force: true });
    },

    /** Removes those of boots that are not in `known`, written before `before`. */
    removeUnknown(known: ReadonlySet<string>, before: Date): void {
      if (!existsSync(directory)) return;
      for (const name of readdirSync(directory)) {
        const path = join(directory, name);
        if (known.has(name.slice(0, -ENDING.length)) || statSync(path).mtime >= before) continue;
        rmSync(path, { force: true });
      }
    },
  };
}
