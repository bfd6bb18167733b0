import { runMain } from "./failure.mjs";
import { endGroup, findProcessIdentity } from "./process-identity.mjs";
import { findRunningProcesses } from "./run-record.mjs";
import { listSandboxContainers, removeRelays, stopContainers } from "./sandbox-containers.mjs";
import { readSettings, ROOT } from "./settings.mjs";

/** Longer than a sandbox takes to end its turn and save. */
const SANDBOX_GRACE_SECONDS = 30;

/** `npm run stop`: stops the sandboxes, the API and the page of this instance, and what linked them. */
await runMain(async () => {
  const settings = readSettings(ROOT, process.env);
  // Sandboxes first: while the API runs they can hand over what they did.
  const sandboxes = await stopSandboxes(settings);
  const { supervisor, children } = findRunningProcesses(settings.dataDir);
  if (supervisor !== undefined) {
    process.kill(supervisor.pid, "SIGTERM");
    await waitForEnd(supervisor, 25_000);
  }
  for (const child of children) await endGroup(child.pid, 10_000);
  // One that was just being made when we looked the first time.
  const late = await stopSandboxes(settings);
  await removeRelays(settings);
  const wasRunning = supervisor !== undefined || children.length > 0;
  console.log(
    `${wasRunning ? "API and page stopped" : "API and page were not running"}; ${sandboxes + late} sandboxes stopped.`,
  );
});

/** @param {import("./settings.mjs").Settings} settings */
async function stopSandboxes(settings) {
  const containers = await listSandboxContainers(settings);
  if (containers.length > 0) console.log(`Stopping ${containers.length} sandboxes (their work is kept) …`);
  await stopContainers(settings, containers, SANDBOX_GRACE_SECONDS);
  return containers.length;
}

/** @param {import("./run-record.mjs").RecordedProcess} recorded @param {number} graceMs */
async function waitForEnd(recorded, graceMs) {
  const deadline = Date.now() + graceMs;
  while (findProcessIdentity(recorded.pid) === recorded.identity) {
    if (Date.now() > deadline) {
      process.kill(recorded.pid, "SIGKILL");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
