import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";
import { newId } from "@background-agents/shared/ids";
import { CATALOGUE } from "@background-agents/shared/models/catalogue-data";
import { agentEnvironment } from "../../packages/sandbox/src/opencode/opencode-environment.ts";
import { buildOpencodeConfig } from "../../packages/server/src/models/opencode-config.ts";
import { buildContainerProfile } from "../../packages/server/src/sandboxes/container-profile.ts";

export interface FloorLimits {
  memoryBytes: number;
  /** At most what the engine has. */
  cpus: number;
  /** Undefined: the engine's default. */
  runtime?: string | undefined;
}

export interface FloorOrder {
  image: string;
  /** Value of the instance label of everything the floor makes. */
  instance: string;
  limits: FloorLimits;
  volumes: { workspace: string; state: string };
  /** Where the model answers, as the container sees it. */
  modelUrl: string;
  model: { providerID: string; modelID: string };
  promptText: string;
  /** `name:address` entries for the container's hosts file. */
  extraHosts: string[];
}

/** The tree the floor works on, below the workspace volume. */
export const FLOOR_TREE = `${CONTAINER_PATHS.workspace}/project`;

const RELAY_PORT = 4101;
const PASSWORD = "floor";

/**
 * What one would write by hand: start OpenCode, wait until it says that it listens, make a session, send the prompt.
 * Bash alone until then, so that nothing but OpenCode takes the processor.
 */
export const FLOOR_SCRIPT = `
set -eu
mark() { printf 'mark %s %s\\n' "$EPOCHREALTIME" "$1"; }
post() {
  curl --silent --show-error --fail --max-time 60 --user "opencode:$OPENCODE_SERVER_PASSWORD" \\
    --header 'content-type: application/json' --data "$2" "http://127.0.0.1:4096$1"
}
mark 'script begun'
mkdir -p "$HOME"
exec {output}< <(exec opencode serve --port 4096 --hostname 127.0.0.1 2>&1)
while IFS= read -r line <&"$output"; do
  printf '%s\\n' "$line"
  case "$line" in *'server listening on'*) break ;; esac
done
mark 'OpenCode listens'
session=$(post /session '{"title":"Floor"}')
[[ $session =~ \\"id\\":\\"(ses_[^\\"]+)\\" ]]
mark 'session made'
post "/session/\${BASH_REMATCH[1]}/prompt_async" "$FLOOR_PROMPT"
mark 'prompt accepted'
exec cat <&"$output"
`;

/** Pure: the arguments of `docker run`, with the limits, the tightening and the agent's configuration of a sandbox. */
export function buildFloorArguments(order: FloorOrder): string[] {
  const { HostConfig: host, User } = profileOf(order);
  return [
    ["run", "--detach", "--user", User, "--label", instanceLabel(order.instance)],
    ["--network", "bridge", ...order.extraHosts.flatMap((entry) => ["--add-host", entry])],
    ["--read-only", "--init", "--ipc", "private", "--cgroupns", "private"],
    host.CapDrop.flatMap((name) => ["--cap-drop", name]),
    host.SecurityOpt.flatMap((option) => ["--security-opt", option]),
    ["--memory", `${host.Memory}b`, "--memory-swap", `${host.MemorySwap}b`],
    ["--cpus", String(host.NanoCpus / 1e9), "--cpu-shares", String(host.CpuShares)],
    ["--pids-limit", String(host.PidsLimit), "--oom-score-adj", String(host.OomScoreAdj)],
    ["--shm-size", `${host.ShmSize}b`, "--log-driver", host.LogConfig.Type],
    host.Ulimits.flatMap(({ Name, Soft, Hard }) => ["--ulimit", `${Name}=${Soft}:${Hard}`]),
    Object.entries(host.Tmpfs).flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]),
    host.Mounts.filter(({ Type }) => Type === "volume").flatMap(({ Source, Target }) => [
      "--mount",
      `type=volume,source=${Source},target=${Target}`,
    ]),
    order.limits.runtime === undefined ? [] : ["--runtime", order.limits.runtime],
    ["--workdir", FLOOR_TREE],
    Object.entries(environmentOf(order)).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ["--entrypoint", "bash", order.image, "-c", FLOOR_SCRIPT],
  ].flat();
}

export const instanceLabel = (instance: string): string => `background-agents.instance=${instance}`;

function profileOf({ image, instance, limits, volumes }: FloorOrder) {
  const terms = { resources: { ...limits, runtime: null }, mountsCredentials: false };
  const nowhere = { mirrorPath: "", hubDirectory: "", hubAddress: "", env: {} };
  return buildContainerProfile({
    order: { ...nowhere, ...terms, image, sessionId: newId("session"), boot: newId("boot") },
    instance,
    limits: { ...limits, runtime: limits.runtime ?? "runc", limitsSwap: true, callFilter: [] },
    volumes,
    network: "bridge",
  });
}

/** The environment of a sandbox's agent, but with a straight way to the model instead of relay and proxy. */
function environmentOf({ modelUrl, model, promptText }: FloorOrder): Record<string, string> {
  const relayed = JSON.stringify(
    buildOpencodeConfig(CATALOGUE, { llmRelayPort: RELAY_PORT, permissionMode: "auto", added: [] }),
  );
  const environment = agentEnvironment({
    state: CONTAINER_PATHS.state,
    config: JSON.parse(relayed.replaceAll(`http://127.0.0.1:${RELAY_PORT}`, modelUrl)) as Record<string, unknown>,
    password: PASSWORD,
    egressRelayPort: 0,
    gitAccess: {},
    inherited: {},
  });
  const direct = Object.entries(environment).filter(([name]) => !/^https?_proxy$/i.test(name));
  const prompt = { model, parts: [{ type: "text", text: promptText }] };
  return { ...Object.fromEntries(direct), FLOOR_PROMPT: JSON.stringify(prompt) };
}
