import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

const VALUE = "canary-5d1e77";

const script: Script = ({ toolResults }) =>
  toolResults.length > 0
    ? [{ text: "Done." }]
    : [{ tool: "bash", input: { command: "env | grep ^TOKEN; cat prepared; cat beside", description: "d" } }];

/** Files below a directory that hold the value. */
function findIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path) && statSync(path).isFile() && readFileSync(path).includes(VALUE));
}

it("gives the agent and the scripts the secrets, keeps them off the disk, and runs the scripts first", async () => {
  let value = VALUE;
  const lines: string[] = [];
  sandbox = await startSandboxUnderTest({
    script,
    hub: { secrets: () => ({ TOKEN: value }) },
    spec: (spec) => ({
      ...spec,
      hasSecrets: true,
      setup: {
        ...{ script: 'echo "setting up"; printf "%s\\n" "${#TOKEN}" > prepared', timeoutMs: 60_000 },
        start: "echo beside > beside; sleep 600",
      },
    }),
    supervisor: { log: (line) => lines.push(line) },
  });
  expect(await sandbox.hub.untilReport("secrets.given")).toEqual({ kind: "secrets.given", names: ["TOKEN"] });
  expect(await sandbox.hub.untilReport("setup.ended")).toMatchObject({ outcome: "ok", logTail: "setting up\n" });
  const kinds = sandbox.hub.bodies().map(({ kind }) => kind);
  expect(kinds.indexOf("setup.ended")).toBeLessThan(kinds.indexOf("boot.ready"));
  expect(findIn(sandbox.paths.state).concat(findIn(sandbox.paths.workspace))).toEqual([]);
  expect(lines.join("\n") + JSON.stringify(sandbox.hub.frames)).not.toContain(VALUE);
  expect(Object.values(process.env)).not.toContain(VALUE);

  const turn = sandbox.deliver("Show me.");
  await sandbox.ended(turn);
  // What the agent prints is its own affair: the server redacts it.
  const printed = sandbox.model.requests.at(-1)?.toolResults.join("\n");
  expect(printed).toContain(`TOKEN=${VALUE}\n${VALUE.length}\nbeside`);

  value = "another-value";
  await sandbox.restart();
  sandbox.hub.send({ type: "setup.run" });
  await sandbox.hub.untilReport("setup.started", ({ again }) => again === true);
  await sandbox.hub.until(() =>
    sandbox.hub.bodies().filter((b) => b.kind === "setup.ended").length > 1 ? true : undefined,
  );
  await sandbox.ended(sandbox.deliver("Show me again."));
  expect(sandbox.model.requests.at(-1)?.toolResults.join("\n")).toContain("TOKEN=another-value\n13\n");
  expect(sandbox.hub.bodies().filter(({ kind }) => kind === "setup.started")).toHaveLength(2);
});
