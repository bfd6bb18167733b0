import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "@background-agents/shared/ids";
import type { SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import { afterEach, expect, it } from "vitest";
import { parseHubAddress } from "./hub-address.ts";
import { openSpool } from "./spool-store.ts";
import { startSupervisor } from "./supervisor.ts";
import { type FakeHub, startFakeHub } from "../testing/fake-hub.ts";
import { git, makeSandboxFixture, type SandboxFixture } from "../testing/sandbox-fixture.ts";
import { cloneWorkspace } from "../workspace/clone-workspace.ts";

const VALUE = "canary-91b3c7";

let fixture: SandboxFixture;
let hub: FakeHub;
afterEach(async () => {
  await hub.close();
  fixture.remove();
});

/** The real supervisor in a container that is for the setup script alone; answers how its process ended. */
async function runTask(changes: (spec: SandboxSpec) => SandboxSpec, ack: () => boolean = () => true) {
  const spec = changes({ ...fixture.spec, task: "setup", hasSecrets: true });
  const listen = { path: join(fixture.root, "hub.sock") };
  const secrets = () => ({ DEPLOY_TOKEN: VALUE });
  hub = await startFakeHub({ listen, token: "boot-token", spec, modelUrl: "http://127.0.0.1:9", secrets, ack });
  let onDone: (exitCode: number) => void = () => undefined;
  const done = new Promise<number>((resolve) => (onDone = resolve));
  const lines: string[] = [];
  await startSupervisor({
    ...{ hub: parseHubAddress(hub.url), boot: newId("boot"), token: "boot-token", paths: fixture.paths },
    opencode: { binary: "/nowhere/opencode", version: "none" },
    ...{ environment: process.env, log: (line: string) => void lines.push(line), onDone },
  });
  return { done, lines, spec };
}

/** Files below a directory that hold the value. */
function findIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path) && statSync(path).isFile() && readFileSync(path).includes(VALUE));
}

it("runs the base's own script with the secrets, starts no agent, leaves no value behind and exits when all is heard", async () => {
  fixture = await makeSandboxFixture();
  const source = join(fixture.root, "source");
  mkdirSync(join(source, ".background-agents"));
  writeFileSync(
    join(source, ".background-agents/setup.sh"),
    'mkdir -p ignored; echo "made with ${#DEPLOY_TOKEN}" > ignored/made; echo changed >> README.md; echo "token $DEPLOY_TOKEN"; command -v git',
  );
  git(source, "add", "-A");
  git(source, "commit", "-q", "-m", "Set up");
  git(source, "push", "-q", fixture.paths.mirror, "main");
  const baseCommit = git(source, "rev-parse", "HEAD");
  // The work that the session goes on from: it has the file, too, and an agent wrote it.
  writeFileSync(join(source, ".background-agents/setup.sh"), "echo by an agent");
  git(source, "commit", "-q", "-a", "-m", "Work");
  const work = git(source, "rev-parse", "HEAD");
  // What an agent could have put where the programs of its own are.
  const bin = join(fixture.paths.state, "home/.local/bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "git"), "#!/bin/sh\necho planted\n", { mode: 0o755 });

  let acks = false;
  const { done, lines, spec } = await runTask(
    (one) => ({
      ...one,
      baseCommit,
      setup: { script: null, start: "echo never", timeoutMs: 60_000 },
      restore: { checkpointId: newId("checkpoint"), commit: work, forked: true },
    }),
    () => acks,
  );
  expect(await hub.untilReport("setup.ended")).toMatchObject({
    ...{ outcome: "ok", exitCode: 0 },
    logTail: expect.stringMatching(new RegExp(`^token ${VALUE}\n/usr/.*/git\n$`)) as string,
  });
  expect(hub.bodies().map((body) => ("phase" in body ? `${body.kind} ${body.phase}` : body.kind))).toEqual([
    ...["boot.phase clone", "boot.phase setup", "setup.started", "secrets.given", "setup.ended"],
  ]);
  // A server that was away has not heard it yet: the container waits with it.
  acks = true;
  hub.cut();
  expect(await done).toBe(0);
  // What it printed was spooled for the server: the next boot clears that away before it starts an agent.
  const spool = { directory: join(fixture.paths.state, "spool"), boot: newId("boot"), onError: () => undefined };
  await (await openSpool(spool)).close();
  expect(findIn(fixture.paths.state)).toEqual([]);
  expect(findIn(fixture.paths.workspace)).toEqual([]);
  expect(lines.join("\n")).not.toContain(VALUE);

  // The agent's container brings the work in; what the script made stays.
  const { branch, identity, directory } = spec;
  const order = { mirror: fixture.paths.mirror, workspace: fixture.paths.workspace, directory, branch, identity };
  const brought = await cloneWorkspace({
    ...{ ...order, baseCommit, generation: 2, onLog: () => undefined, onCheckedOut: async () => undefined },
    bringCommit: async (inTree) => {
      await inTree(["fetch", "--quiet", source, "main"]);
      return work;
    },
  });
  expect(brought.resumed).toBe(true);
  expect(git(fixture.tree, "rev-parse", "HEAD")).toBe(work);
  expect(git(fixture.tree, "status", "--porcelain")).toBe("");
  expect(readFileSync(join(fixture.tree, "ignored/made"), "utf8")).toBe(`made with ${VALUE.length}\n`);
  expect(git(fixture.tree, "config", "background-agents.generation")).toBe("2");
});

it("ends a script that is not wanted, and tells one that is not there", async () => {
  fixture = await makeSandboxFixture();
  const { done } = await runTask((spec) => ({
    ...spec,
    setup: { script: "echo begun; sleep 600", start: null, timeoutMs: 60_000 },
  }));
  await hub.until(() => hub.frames.find((frame) => frame.type === "log" && frame.text.includes("begun")));
  hub.send({ type: "setup.stop" });
  expect(await hub.untilReport("setup.ended")).toMatchObject({ outcome: "stopped", logTail: "begun\n" });
  expect(await done).toBe(0);
  await hub.close();

  const second = await runTask((spec) => ({ ...spec, setup: { script: null, start: null, timeoutMs: 60_000 } }));
  expect(await hub.untilReport("setup.ended")).toMatchObject({ outcome: "failed", exitCode: null });
  expect(await second.done).toBe(0);
  expect(execFileSync("git", ["-C", fixture.tree, "rev-parse", "HEAD"], { encoding: "utf8" }).trim()).toBe(
    fixture.spec.baseCommit,
  );
});
