import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { newId } from "@background-agents/shared/ids";
import { pino } from "pino";
import { createApp } from "../src/app.ts";
import { makeDirectories, readConfig } from "../src/config.ts";
import { systemClock } from "../src/lib/clock.ts";
import { findSandboxDifferences } from "../src/sandboxes/assert-sandbox.ts";
import { buildContainerProfile, LABELS, type ContainerProfile } from "../src/sandboxes/container-profile.ts";
import { createDockerProvider } from "../src/sandboxes/docker-provider.ts";
import { findHostCredentials, SANDBOX_USER } from "../src/sandboxes/host-credentials.ts";
import { createProfileBook } from "../src/sandboxes/profile-book.ts";
import { createVolumeOwners } from "../src/sandboxes/volume-owners.ts";
import { makeRepository } from "../src/testing/test-server.ts";
import { connectToAny } from "../src/egress/tunnel-client.ts";
import type { Canaries } from "./canaries.ts";
import {
  describeImage,
  inspectContainer,
  makeIdle,
  removeOwned,
  runInside,
  runProgram,
  startContainer,
  type Ran,
} from "./containers.ts";
import type { Sink } from "./sink.ts";

const SECRET_NAME = "ATTACKED_SECRET";

/** Has the agent print its secret, whole, encoded and in two pieces, and a number of which no prompt tells. */
const TELLING = [
  `echo "$${SECRET_NAME}"; echo "$${SECRET_NAME}" | base64 -w 0; echo; printf %s "\${${SECRET_NAME}%%-*}"; sleep 1`,
  `echo "\${${SECRET_NAME}#canary}"; test -n "$${SECRET_NAME}" && echo shown-$((1234 * 5678))`,
].join("; ");

/** Stands in the transcript where the agent had the secret. */
export const TOLD = `shown-${1234 * 5678}`;

export type SandboxWorld = Awaited<ReturnType<typeof openSandboxWorld>>;

/** A guard taken away: what the profile becomes without it. */
export interface Weakness {
  name: string;
  weaken(profile: ContainerProfile, place: HostPlaces): ContainerProfile;
}

/** A guard that has a place of its own in the engine's `HostConfig`. */
export interface FieldWeakness extends Weakness {
  /** Where it is. All else that is gone with it is gone so that its control gets through. */
  fields: readonly string[];
}

/** Places of the host that no container may see. */
export interface HostPlaces {
  home: string;
  dataDir: string;
  siblingVolume: string;
}

const MEBIBYTE = 2 ** 20;
const LOOK_EVERY_MS = 200;
/** Generous: both sandboxes boot at once, and on a cold machine the image is read from disk. */
const TURN_LIMIT_MS = 150_000;
const LOST_TURN = ["prompt.failed", "prompt.interrupted", "prompt.cancelled", "sandbox.failed"];

/**
 * The real server with the real engine, OpenCode and supervisor: one session for the attacker, one beside it. And idle
 * containers of the same profile, whole or with a guard taken away. Connections that the egress proxy makes end in the
 * sink, wherever they are meant to go.
 */
export async function openSandboxWorld(deps: {
  image: string;
  root: string;
  home: string;
  canaries: Canaries;
  sink: Sink;
  /** `tcp`: as where the engine runs in a virtual machine. */
  hub?: "auto" | "tcp";
}) {
  const { image, root, home, canaries, sink, hub = "auto" } = deps;
  const instance = `attacks-${randomBytes(5).toString("hex")}`;
  const idleInstance = `idle-${instance}`;
  const [dataDir, reposDir] = [join(root, "data"), join(root, "repos")];
  const provider = createServer((_request, response) => void response.writeHead(500).end());
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  const address = provider.address();
  const config = readConfig(
    {
      PORT: "0",
      DATA_DIR: dataDir,
      REPOS_DIR: reposDir,
      DEMO_PACE_MS: "0",
      SANDBOX_MEMORY: "2g",
      SANDBOX_IMAGE: image,
      ANTHROPIC_API_KEY: canaries.providerKey,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    },
    root,
  );
  makeDirectories(config);
  let logText = "";
  const log = pino({ level: "trace" }, { write: (line: string) => void (logText += line) });
  const app = await createApp({
    ...{ config, instance, clock: systemClock, log },
    provider: createDockerProvider({
      ...{ instance, dataDir, image, hub, log, clock: systemClock },
      owners: createVolumeOwners({ dataDir, defaultUser: SANDBOX_USER }),
      profiles: createProfileBook({ dataDir }),
      findCredentials: () => findHostCredentials({ home, uid: 0, gid: 0 }),
    }),
    dialer: {
      resolve: async () => ["93.184.216.34"],
      connect: (_addresses, _port, signal) => connectToAny(["127.0.0.1"], sink.port, signal),
    },
  });
  const { port, token } = await app.listen();
  await app.recover();

  async function call(method: string, path: string, body?: unknown) {
    const answer = await fetch(`http://localhost:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  const emptyHub = join(root, "hub");
  mkdirSync(emptyHub, { recursive: true });
  const repository = makeRepository(reposDir, "example");

  const given = await call("PUT", `/api/secrets/${SECRET_NAME}`, { value: canaries.userSecret });
  if (given.status >= 300) throw new Error(`the secret was not taken: ${given.text}`);

  async function waitForTurn(id: string): Promise<void> {
    const end = performance.now() + TURN_LIMIT_MS;
    for (;;) {
      const { text } = await call("GET", `/api/sessions/${id}/events`);
      if (text.includes('"prompt.completed"')) return;
      const isLost = LOST_TURN.some((type) => text.includes(`"${type}"`));
      if (isLost || performance.now() > end) throw new Error(`its first turn did not end well: ${text.slice(-2000)}`);
      await pause(LOOK_EVERY_MS);
    }
  }

  /** A session whose first turn has ended: its sandbox runs and waits. */
  async function startSession(order: object = {}): Promise<{ id: string; container: string; volume: string }> {
    const prompt = { text: `Say hello\n[demo:command ${TELLING}]` };
    const created = await call("POST", "/api/sessions", { repository, model: "demo/scripted", prompt, ...order });
    const { session } = JSON.parse(created.text) as { session?: { id: string } };
    if (!session) throw new Error(`no session could be made: ${created.text}`);
    // The boot's label is on nothing but sandboxes, the session's on their relays, too.
    const filters = ["--filter", `label=${LABELS.session}=${session.id}`, "--filter", `label=${LABELS.boot}`];
    await waitForTurn(session.id);
    const { output } = await runProgram("docker", ["ps", "-q", ...filters]);
    const containers = output.split("\n").filter((line) => line !== "");
    const [container] = containers;
    if (container === undefined || containers.length > 1) throw new Error(`not one container but: ${output}`);
    const volume = `background-agents-${instance}-${session.id.slice(4)}-workspace`;
    return { id: session.id, container, volume };
  }

  async function shutDown(): Promise<void> {
    await app.close();
    provider.close();
    await removeOwned(idleInstance);
    await removeOwned(instance);
  }

  const [attacker, sibling] = await Promise.all([startSession(), startSession()]).catch(async (error: unknown) => {
    await shutDown();
    throw error;
  });
  await runInside(sibling.container, `echo ${canaries.otherSession} > /workspace/private.txt`);
  const places: HostPlaces = { home, dataDir, siblingVolume: sibling.volume };
  const idle = new Map<string, Promise<string>>();

  /** The profile of an idle container, as the product builds it. */
  function buildProfile(name: string, memoryBytes: number): ContainerProfile {
    return buildContainerProfile({
      order: {
        ...{ sessionId: newId("session"), boot: newId("boot"), image, env: {}, mountsCredentials: false },
        mirrorPath: join(reposDir, "example", ".git"),
        hubDirectory: emptyHub,
        hubAddress: "unix:/run/hub/hub.sock",
        resources: { memoryBytes, cpus: 1, runtime: null },
      },
      // Of another instance, so that the server does not clear them away as leftovers of its own.
      instance: idleInstance,
      limits: { memoryBytes, cpus: 1, runtime: "runc", limitsSwap: true, callFilter: [] },
      volumes: { workspace: `${idleInstance}-${name}-workspace`, state: `${idleInstance}-${name}-state` },
      network: "none",
    });
  }

  async function startIdle(name: string, profile: ContainerProfile): Promise<string> {
    const id = await makeIdle(profile);
    await startContainer(id);
    return id;
  }

  const world = {
    attacker,
    sibling,
    startSession,
    reposDir,
    places,
    image,
    port,
    token,
    call,
    log: () => logText,

    runAsAgent: (script: string): Promise<Ran> => runInside(attacker.container, script),

    /** A container of the whole profile, for attacks that would take the attacker's own down with them. */
    idle(name: string, memoryBytes = 128 * MEBIBYTE): Promise<string> {
      const started = idle.get(name) ?? startIdle(name, buildProfile(name, memoryBytes));
      idle.set(name, started);
      return started;
    },

    /** A container of the profile without one of its guards, made once. */
    weakened({ name, weaken }: Weakness, memoryBytes = 256 * MEBIBYTE): Promise<string> {
      const key = name.replaceAll(/\W+/g, "-");
      const started = idle.get(key) ?? startIdle(key, weaken(buildProfile(key, memoryBytes), places));
      idle.set(key, started);
      return started;
    },

    /**
     * In what a container differs from what is built, as the product sees it: one made without the guard in these fields
     * and otherwise whole, so that nothing but they can tell. Without a weakness, one made as it is built.
     */
    async compare(weakness?: FieldWeakness): Promise<string[]> {
      const whole = buildProfile(`compared-${weakness?.name.replaceAll(/\W+/g, "-") ?? "whole"}`, 128 * MEBIBYTE);
      const weak: Record<string, unknown> = weakness?.weaken(structuredClone(whole), places).HostConfig ?? {};
      const changed = Object.fromEntries((weakness?.fields ?? []).map((field) => [field, weak[field]]));
      const id = await makeIdle({ ...whole, HostConfig: { ...whole.HostConfig, ...changed } });
      return findSandboxDifferences(await inspectContainer(id), { profile: whole, image: await describeImage(image) });
    },

    close: shutDown,
  };
  return world;
}
