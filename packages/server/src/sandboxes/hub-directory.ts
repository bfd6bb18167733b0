import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootId } from "@background-agents/shared/ids";

/** Longest path a Unix socket may have on every system we run on (macOS: 104 bytes with the final NUL). */
const MAX_SOCKET_PATH = 103;

/** The last characters of a boot's id. */
const BOOT_DIRECTORY = /^[0-9a-z]{12}$/;

export interface HubDirectory {
  path: string;
  socketPath: string;
  /** SHA-256 of the boot's token, hex. */
  tokenHash: string;
}

export type HubDirectories = ReturnType<typeof createHubDirectories>;

/** The directories that are mounted at /run/hub: the hub's socket and the boot's token, one directory a boot. */
export function createHubDirectories(deps: { dataDir: string; instance: string }) {
  const preferred = join(deps.dataDir, "run");
  const longest = join(preferred, "x".repeat(12), "hub.sock");
  const root =
    Buffer.byteLength(longest) <= MAX_SOCKET_PATH ? preferred : join(tmpdir(), `background-agents-${deps.instance}`);
  const pathOf = (boot: BootId): string => join(root, boot.slice(-12));

  return {
    create(boot: BootId): HubDirectory {
      mkdirSync(root, { recursive: true, mode: 0o700 });
      chmodSync(root, 0o700);
      const path = pathOf(boot);
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o755);
      const token = randomBytes(32).toString("hex");
      writeFileSync(join(path, "token"), token);
      // Readable for the container's user; the 0700 parent keeps other users of the host out.
      chmodSync(join(path, "token"), 0o444);
      return { path, socketPath: join(path, "hub.sock"), tokenHash: createHash("sha256").update(token).digest("hex") };
    },
    remove(boot: BootId): void {
      rmSync(pathOf(boot), { recursive: true, force: true });
    },

    /** Removes directories of boots that are not in `known` and were made before `before`; answers how many. */
    removeUnknown(known: BootId[], before: Date): number {
      if (!existsSync(root)) return 0;
      const kept = new Set(known.map(pathOf));
      const unknown = readdirSync(root, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && BOOT_DIRECTORY.test(entry.name))
        .map((entry) => join(root, entry.name))
        .filter((path) => !kept.has(path) && statSync(path).mtime < before);
      for (const path of unknown) rmSync(path, { recursive: true, force: true });
      return unknown.length;
    },
  };
}
