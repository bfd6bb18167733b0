import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The instance's id (10 hex digits, `DATA_DIR/instance-id`): the label that marks what is ours on the engine. */
export function ensureInstanceId(dataDir: string): string {
  const path = join(dataDir, "instance-id");
  if (existsSync(path)) {
    const id = readFileSync(path, "utf8").trim();
    if (/^[0-9a-f]{10}$/.test(id)) return id;
  }
  const id = randomBytes(5).toString("hex");
  writeFileSync(path, `${id}\n`, { mode: 0o600 });
  return id;
}
