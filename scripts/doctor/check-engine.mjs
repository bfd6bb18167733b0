import { bad, ok, warn } from "./finding.mjs";
import { runCommand } from "./run-command.mjs";
import { runSetupScript } from "./run-setup-script.mjs";
import { isAtLeast } from "./versions.mjs";

/** @typedef {import("./context.mjs").Context} Context */

/** Of Docker Engine 20.10. */
const MINIMUM_API = "1.41";

/** @param {Context} context */
export async function checkEngine(context) {
  const finding = judgeEngine(await askEngine(context));
  if (finding.level === "ok") {
    const { env } = context.settings;
    const options = await runCommand(
      ["docker", "info", "--format", "{{json .ServerVersion}} {{json .SecurityOptions}}"],
      { env },
    );
    return [finding, judgeConfinement(options)];
  }
  const run = () => runSetupScript(context, "ensure-engine.sh");
  return [{ ...finding, repair: { words: "start the Docker engine, or install it where that is possible", run } }];
}

/** @param {Context} context */
function askEngine({ settings }) {
  return runCommand(["docker", "version", "--format", "{{json .Server}}"], { env: settings.env });
}

/**
 * Whether there is an engine to ask further things.
 * @param {Context} context
 */
export async function isEngineThere(context) {
  return judgeEngine(await askEngine(context)).level === "ok";
}

/** @param {import("./run-command.mjs").Answer} answer @returns {import("./finding.mjs").Finding} */
export function judgeEngine({ code, stdout, stderr }) {
  if (code === 127) {
    return bad(
      "Docker is not installed",
      "https://docs.docker.com/engine/install/ (Debian: apt-get install docker.io)",
    );
  }
  const server = parseServer(stdout);
  if (code !== 0 || server === undefined) {
    const reason = stderr.trim().split("\n").at(-1) || "it says nothing";
    return bad(`The Docker engine does not answer: ${reason}`, adviseOn(reason));
  }
  const name = `Docker engine ${server.Version}, API ${server.ApiVersion}`;
  if (isAtLeast(server.ApiVersion, MINIMUM_API)) return ok(name);
  return bad(`${name}: 20.10 (API ${MINIMUM_API}) or newer is needed`, "install a newer engine");
}

/**
 * Whether the engine filters system calls, by itself or where it is asked, without which no sandbox is started.
 * @param {import("./run-command.mjs").Answer} answer its version and its security options, both as JSON
 * @returns {import("./finding.mjs").Finding}
 */
export function judgeConfinement({ code, stdout }) {
  if (code !== 0) return warn("The Docker engine does not say how it confines containers", "run docker info");
  const filter = /"name=seccomp(?:,profile=([^",]*))?/.exec(stdout);
  if (filter && filter[1] !== "unconfined") return ok("it filters the system calls of containers (seccomp)");
  // Docker Desktop: sandboxes ask for its filter. As engine-facts.ts of the server decides.
  const major = Number(/^"(\d+)\./.exec(stdout)?.[1] ?? 0);
  if (filter && major >= 23) return ok("it filters the system calls of containers that ask, as sandboxes do (seccomp)");
  return bad(
    "The Docker engine does not filter system calls (seccomp is off): no sandbox is started",
    'take "seccomp-profile": "unconfined" out of its daemon.json or use Docker 23 or newer, on a kernel that has seccomp; then restart it',
  );
}

/** @param {string} text @returns {{ Version: string, ApiVersion: string } | undefined} */
function parseServer(text) {
  try {
    const server = JSON.parse(text);
    return typeof server?.ApiVersion === "string" ? server : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} reason */
function adviseOn(reason) {
  if (/permission denied/i.test(reason)) return 'sudo usermod -aG docker "$USER", then log in again';
  if (/DOCKER_HOST|tcp:|ssh:/i.test(reason)) return "start the engine that DOCKER_HOST names, or unset DOCKER_HOST";
  if (process.platform !== "linux") return "start Docker Desktop";
  return "sudo systemctl start docker";
}
