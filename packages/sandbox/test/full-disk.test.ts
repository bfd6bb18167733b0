import { execFileSync } from "node:child_process";
import { afterEach, expect, it } from "vitest";
import { type SandboxUnderTest, startSandboxUnderTest } from "../src/testing/sandbox-under-test.ts";
import type { Script } from "../src/testing/script-step.ts";

let sandbox: SandboxUnderTest;
afterEach(() => sandbox.close());

/** Runs each prompt's command once; what a turn that failed left in the conversation does not count. */
const ran = new Set<string>();
const script: Script = ({ userText }) => {
  if (ran.has(userText)) return [{ text: "Done." }];
  ran.add(userText);
  return [{ tool: "bash", input: { command: userText, description: "d" } }];
};

/** Only a file system of its own can be filled without harm, and only root can make one. */
const isRoot = process.getuid?.() === 0;

it.runIf(isRoot)(
  "a disk that fills up under spool and agent fails the turn, visibly; with room again all goes on",
  async () => {
    sandbox = await startSandboxUnderTest({ script, stateSize: "400m" });
    const { state } = sandbox.paths;
    expect(await sandbox.ended(sandbox.deliver("echo before > before.txt"))).toMatchObject({ outcome: "completed" });

    const full = sandbox.deliver(`dd if=/dev/zero of=${state}/filler bs=64k; echo during > during.txt`);
    const ended = await sandbox.ended(full);
    expect(ended).toMatchObject({ outcome: "failed" });
    expect(ended.saveError).toContain("No space left on device");
    execFileSync("rm", [`${state}/filler`]);

    const after = await sandbox.ended(sandbox.deliver("echo after > after.txt"));
    expect(after).toMatchObject({ outcome: "completed" });
    expect(after.saveError).toBeUndefined();
    expect((await sandbox.run("git show --stat --format= HEAD")).stdout).toContain("after.txt");
    // Nothing that was said is missing: the numbers have no gap.
    const numbers = sandbox.hub.reports().map(({ report }) => report);
    expect(numbers).toEqual(numbers.map((_number, place) => place + 1));
  },
);
