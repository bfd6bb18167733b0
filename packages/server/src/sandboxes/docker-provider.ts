import type { SessionId } from "@background-agents/shared/ids";
import { BootId, SessionId as SessionIdSchema } from "@background-agents/shared/ids";
import Docker from "dockerode";
import { z } from "zod";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Log } from "../lib/logger.ts";
import { changeVolumeOwner } from "./change-volume-owner.ts";
import { buildContainerProfile, LABELS, type ContainerLimits } from "./container-profile.ts";
import { watchContainerEnds } from "./docker-events-process.ts";
import { SANDBOX_USER, writePasswd, type HostCredentials } from "./host-credentials.ts";
import type { EngineInfo, SandboxInstance, SandboxProvider } from "./sandbox-provider.ts";
import type { VolumeOwners } from "./volume-owners.ts";

/** The part of the engine's disk use that is about volumes. */
const DiskUse = z.object({
  Volumes: z
    .array(
      z.object({
        Labels: z.record(z.string(), z.string()).nullish(),
        UsageData: z.object({ Size: z.number() }).nullish(),
      }),
    )
    .nullish(),
});

export interface DockerProviderDeps {
  /** Label value that marks what belongs to this data directory. */
  instance: string;
  limits: ContainerLimits;
  /** `auto` decides by what the engine reports. */
  hub: "auto" | "unix" | "tcp";
  owners: VolumeOwners;
  /** The user's own credentials for the container, as they are at its start; undefined where it gets none. */
  findCredentials: () => HostCredentials | undefined;
  log: Log;
}

export function createDockerProvider(deps: DockerProviderDeps): SandboxProvider {
  const docker = new Docker();
  const { instance, log } = deps;
  const filters = { label: [`${LABELS.instance}=${instance}`] };
  const networkName = `background-agents-${instance}`;
  let known: EngineInfo | undefined;

  async function info(): Promise<EngineInfo> {
    const answer = (await engineCall(() => docker.info())) as {
      ServerVersion: string;
      NCPU: number;
      MemTotal: number;
      OperatingSystem: string;
    };
    const inVirtualMachine = process.platform !== "linux" || /docker desktop/i.test(answer.OperatingSystem);
    known = {
      version: answer.ServerVersion,
      cpus: answer.NCPU,
      memoryBytes: answer.MemTotal,
      transport: deps.hub === "auto" ? (inVirtualMachine ? "tcp" : "unix") : deps.hub,
    };
    return known;
  }

  const volumesOf = (sessionId: SessionId): { workspace: string; state: string } => {
    const prefix = `background-agents-${instance}-${sessionId.slice(4)}`;
    return { workspace: `${prefix}-workspace`, state: `${prefix}-state` };
  };

  async function ensureVolumes(sessionId: SessionId): Promise<{ workspace: string; state: string }> {
    const volumes = volumesOf(sessionId);
    for (const Name of Object.values(volumes)) {
      await engineCall(() =>
        docker.createVolume({ Name, Labels: { [LABELS.instance]: instance, [LABELS.session]: sessionId } }),
      );
    }
    return volumes;
  }

  /** A network of our own without a way out: containers on it reach the hub on its gateway and, by proxy, what that allows. */
  async function ensureNetwork(): Promise<string> {
    const found = await docker
      .getNetwork(networkName)
      .inspect()
      .catch(() => undefined);
    const network =
      found ??
      (await engineCall(async () => {
        await docker.createNetwork({
          Name: networkName,
          Internal: true,
          Labels: { [LABELS.instance]: instance },
          Options: { "com.docker.network.bridge.enable_icc": "false" },
        });
        return docker.getNetwork(networkName).inspect();
      }));
    const gateway = (network as { IPAM?: { Config?: { Gateway?: string }[] } }).IPAM?.Config?.[0]?.Gateway;
    if (!gateway)
      throw new AppError("sandbox.failed", `The network ${networkName} has no gateway: remove it and try again.`);
    return gateway.split("/")[0] ?? gateway;
  }

  return {
    info,

    async requireImage(image) {
      try {
        await docker.getImage(image).inspect();
      } catch (error) {
        if (statusOf(error) !== 404) throw unavailable(error);
        throw new AppError(
          "image.missing",
          `The sandbox image ${image} is not on this machine: run ./scripts/dev.sh, or build it with npm run build -w @background-agents/sandbox && docker build -t ${image} packages/sandbox/.`,
        );
      }
    },

    async hubEndpoint() {
      // Where the engine is in a VM the host is not on the bridge; its own name for the host leads to loopback.
      if (process.platform !== "linux") return { listenHost: "127.0.0.1", dialHost: "host.docker.internal" };
      const gateway = await ensureNetwork();
      return { listenHost: gateway, dialHost: gateway };
    },

    async start(order) {
      const engine = known ?? (await info());
      const volumes = await ensureVolumes(order.sessionId);
      const credentials = deps.findCredentials();
      const user = credentials?.user ?? SANDBOX_USER;
      await deps.owners.ensure(order.sessionId, user, () =>
        engineCall(() =>
          changeVolumeOwner(docker, { image: order.image, user, volumes, labels: { [LABELS.instance]: instance } }),
        ),
      );
      const tcp = order.hubAddress.startsWith("tcp:");
      const profile = buildContainerProfile({
        order,
        instance,
        limits: { ...deps.limits, cpus: Math.min(deps.limits.cpus, engine.cpus) },
        volumes,
        network: tcp ? (process.platform === "linux" ? networkName : "bridge") : "none",
        extraHosts: tcp && process.platform !== "linux" ? ["host.docker.internal:host-gateway"] : [],
        credentials: credentials && { ...credentials, passwdPath: writePasswd(order.hubDirectory, user) },
      });
      const container = await engineCall(() =>
        docker.createContainer({ ...profile, name: `background-agents-${instance}-${order.boot.slice(4)}` }),
      );
      try {
        await engineCall(() => container.start());
      } catch (error) {
        await container.remove({ force: true }).catch(() => undefined);
        throw error;
      }
      return container.id;
    },

    async stop(handle, graceMs) {
      await ignoringGone(() => docker.getContainer(handle).stop({ t: Math.ceil(graceMs / 1000) }));
    },

    async remove(handle) {
      await ignoringGone(() => docker.getContainer(handle).remove({ force: true }));
    },

    async removeVolumes(sessionId) {
      for (const name of Object.values(volumesOf(sessionId))) {
        // Not 409: a volume that is in use stays, and whoever counts on its end has to know.
        await ignoring([404], () => docker.getVolume(name).remove({ force: true }));
      }
      deps.owners.forget(sessionId);
    },

    async volumeBytes() {
      const { Volumes } = DiskUse.parse(await engineCall(() => docker.df()));
      const bytes = new Map<SessionId, number>();
      for (const { Labels, UsageData } of Volumes ?? []) {
        const session = SessionIdSchema.safeParse(Labels?.[LABELS.session]);
        if (Labels?.[LABELS.instance] !== instance || !session.success) continue;
        // -1: the engine did not count it.
        bytes.set(session.data, (bytes.get(session.data) ?? 0) + Math.max(0, UsageData?.Size ?? 0));
      }
      return bytes;
    },

    async list() {
      const containers = await engineCall(() => docker.listContainers({ all: true, filters }));
      const instances = await Promise.all(containers.map((container) => inspect(container.Id)));
      return instances.filter((found): found is SandboxInstance => found !== undefined);
    },

    async logTail(handle, lines) {
      try {
        const raw = await docker.getContainer(handle).logs({ stdout: true, stderr: true, tail: lines });
        return demultiplex(raw).slice(-16_000);
      } catch (error) {
        return `(the container's log cannot be read: ${messageOf(error)})`;
      }
    },

    watch(onEnd) {
      return watchContainerEnds({
        open: async () => docker.getEvents({ filters: { ...filters, type: ["container"], event: ["die"] } }),
        onEnd: (id) =>
          void inspect(id).then(
            (found) => found && onEnd(found),
            (error: unknown) => log.warn({ error: messageOf(error) }, "a container ended and could not be inspected"),
          ),
        log,
      });
    },
  };

  async function inspect(id: string): Promise<SandboxInstance | undefined> {
    try {
      const found = await docker.getContainer(id).inspect();
      const sessionId = SessionIdSchema.safeParse(found.Config.Labels[LABELS.session]);
      const boot = BootId.safeParse(found.Config.Labels[LABELS.boot]);
      if (!sessionId.success || !boot.success) return undefined;
      return {
        handle: found.Id,
        sessionId: sessionId.data,
        boot: boot.data,
        running: found.State.Running,
        exitCode: found.State.Running ? null : found.State.ExitCode,
        outOfMemory: found.State.OOMKilled,
      };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw unavailable(error);
    }
  }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null && "statusCode" in error ? Number(error.statusCode) : undefined;
}

/** An answer of the engine is about the request; no answer is about the engine. */
function unavailable(error: unknown): AppError {
  const status = statusOf(error);
  if (status === undefined) {
    return new AppError(
      "engine.unavailable",
      `The Docker engine does not answer (${messageOf(error)}): start it, or run ./scripts/dev.sh again.`,
      { cause: error },
    );
  }
  return new AppError("sandbox.failed", `The Docker engine refused: ${messageOf(error)}`, { cause: error });
}

async function engineCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unavailable(error);
  }
}

/** 304: stopped already, 404: gone, 409: being removed. */
const ignoringGone = (call: () => Promise<unknown>): Promise<void> => ignoring([304, 404, 409], call);

async function ignoring(statuses: number[], call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!statuses.includes(statusOf(error) ?? 0)) throw unavailable(error);
  }
}

/** Takes the frames of the engine's log stream (8-byte header: stream, length) apart into text. */
function demultiplex(raw: Buffer): string {
  const pieces: string[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.toString("utf8", at + 8, at + 8 + length));
    at += 8 + length;
  }
  return pieces.join("");
}
