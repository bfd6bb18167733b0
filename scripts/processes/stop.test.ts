import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stop-"));
  mkdirSync(join(root, "bin"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The command as the user runs it; `docker` has one of each kind of what this instance's label is on, until it goes. */
async function stop(): Promise<{ asked: string[]; text: string }> {
  const calls = join(root, "calls");
  writeFileSync(calls, "");
  const script = `#!/bin/sh
asked="$*"
gone() { grep -q "^$1" '${calls}'; }
case "$asked" in
  "ps --quiet --filter label=background-agents.instance=i1 --filter label=background-agents.boot")
    gone "stop" || echo sandbox ;;
  "ps --all --quiet --filter label=background-agents.instance=i1 --filter label=background-agents.relay")
    gone "rm" || echo relay ;;
  "network ls --quiet --filter label=background-agents.instance=i1 --filter label=background-agents.relay")
    printf 'network-1\\nnetwork-2\\n' ;;
  "network rm network-1") echo "$asked" >>'${calls}'; echo "it has active endpoints" >&2; exit 1 ;;
  "stop "*|"rm "*|"network rm "*) echo "$asked" >>'${calls}' ;;
  *) exit 64 ;;
esac
`;
  writeFileSync(join(root, "bin", "docker"), script, { mode: 0o755 });
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "stop.mjs")], {
    env: {
      ...process.env,
      PATH: [join(root, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
      DATA_DIR: root,
    },
  });
  return { asked: readFileSync(calls, "utf8").split("\n").filter(Boolean), text: stdout + stderr };
}

test("stops the sandboxes, then removes the relays and networks that linked them", async () => {
  writeFileSync(join(root, "instance-id"), "i1\n");
  const { asked, text } = await stop();
  expect(asked).toEqual(["stop --time 30 sandbox", "rm --force relay", "network rm network-1", "network rm network-2"]);
  expect(text).toContain("1 sandboxes stopped");
  // One that something is still on keeps no other from going.
  expect(text).toMatch(/network rm network-1 failed: .*active endpoints/s);
});

test("asks no engine where the instance never ran", async () => {
  const { asked, text } = await stop();
  expect(asked).toEqual([]);
  expect(text).toContain("0 sandboxes stopped");
});
