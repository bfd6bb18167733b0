import type { SessionId } from "@background-agents/shared/ids";
import { BootId, SessionId as SessionIdSchema } from "@background-agents/shared/ids";
import Docker from "dockerode";
import { z } from "zod";
import { AppError, messageOf } from "../lib/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/logger.ts";
import { assertSandbox, findSandboxDifferences, InspectedContainer, type ExpectedContainer } from "./assert-sandbox.ts";
import { readBytesWritten } from "./bytes-written.ts";
import { changeVolumeOwner } from "./change-volume-owner.ts";
import { demultiplex } from "./container-log.ts";
import { buildContainerProfile, LABELS, type ContainerProfile } from "./container-profile.ts";
import { createDerivedImages } from "./derived-images-process.ts";
import { watchContainerEnds } from "./docker-events-process.ts";
import { engineCall, ignoring, ignoringGone, statusOf, wrapEngineError } from "./engine-call.ts";
import { askForCallFilter, buildLimits, EngineAnswer, toEngineInfo } from "./engine-facts.ts";
import { readFreeSpace } from "./free-space.ts";
import { SANDBOX_USER, writePasswd, type HostCredentials } from "./host-credentials.ts";
import { createHelperContainers } from "./helper-containers.ts";
import { measureVolumes } from "./measure-volumes.ts";
import { createSandboxNetworks, RELAY_HOST } from "./sandbox-network.ts";
import type { ProfileBook } from "./profile-book.ts";
import type { SandboxInstance, SandboxOrder, SandboxProvider } from "./sandbox-provider.ts";
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
  dataDir: string;
  /** `auto` decides by what the engine reports. */
  hub: "auto" | "unix" | "tcp";
  /** The image that helpers run on. */
  image: string;
  owners: VolumeOwners;
  profiles: ProfileBook;
  /** The user's own credentials for a container that gets them, as they are at its start. */
  findCredentials: () => HostCredentials;
  clock: Clock;
  log: Log;
}

export function createDockerProvider(deps: DockerProviderDeps): SandboxProvider {
  const docker = new Docker();
  const { instance, log } = deps;
  const filters = { label: [`${LABELS.instance}=${instance}`] };
  // No reason to refuse these where there is no filter: they run nothing of the agent's, and no sandbox is started.
  const callFilter = async () => askForCallFilter(known ?? (await askEngine())) ?? [];
  const networks = createSandboxNetworks({ docker, instance, image: deps.image, askForCallFilter: callFilter });
  const helpers = createHelperContainers({ docker, instance, askForCallFilter: callFilter });
  const derived = createDerivedImages({
    ...{ docker, instance, labels: { [LABELS.instance]: instance }, dataDir: deps.dataDir },
    now: () => deps.clock.now(),
  });
  let known: EngineAnswer | undefined;

  async function askEngine(): Promise<EngineAnswer> {
    known = EngineAnswer.parse(await engineCall(() => docker.info()));
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

  /** What the image itself gives a container. */
  async function describeImage(image: string): Promise<ExpectedContainer["image"]> {
    const { Id: id, Config } = await engineCall(() => docker.getImage(image).inspect());
    const entrypoint = typeof Config.Entrypoint === "string" ? [Config.Entrypoint] : (Config.Entrypoint ?? null);
    return { id, env: Config.Env ?? [], entrypoint, cmd: Config.Cmd ?? null };
  }

  /** Started only when it is what was asked for; removed where it is not. */
  async function startChecked(
    name: string,
    order: SandboxOrder,
    expected: ExpectedContainer & { profile: ContainerProfile },
  ) {
    // Kept before there is a container: a server that ends in between finds what to compare it with.
    deps.profiles.save(order.boot, expected);
    const container = await engineCall(() => docker.createContainer({ ...expected.profile, name }));
    try {
      assertSandbox(InspectedContainer.parse(await engineCall(() => container.inspect())), expected);
      await engineCall(() => container.start());
    } catch (error) {
      await container.remove({ force: true }).catch(() => undefined);
      deps.profiles.remove(order.boot);
      throw error;
    }
    return container.id;
  }

  return {
    async info() {
      return toEngineInfo(await askEngine(), deps.hub);
    },

    async requireImage(image) {
      try {
        await docker.getImage(image).inspect();
      } catch (error) {
        if (statusOf(error) !== 404) throw wrapEngineError(error);
        throw new AppError(
          "image.missing",
          `The sandbox image ${image} is not on this machine: run ./scripts/dev.sh, or build it with npm run build -w @background-agents/sandbox && docker build -t ${image} packages/sandbox/.`,
        );
      }
    },

    async hubEndpoint() {
      // Where the engine is in a VM the host is not on its bridge; its own name for the host leads to loopback.
      const listenHost = process.platform === "linux" ? await networks.bridgeGateway() : "127.0.0.1";
      return { listenHost, dialHost: RELAY_HOST };
    },

    deriveImage: (order) => derived.ensure(order),
    removeUnusedImages: (before) => derived.removeUnused(before),

    async start(order) {
      const limits = buildLimits(order.resources, known ?? (await askEngine()));
      const volumes = await ensureVolumes(order.sessionId);
      const credentials = order.mountsCredentials ? deps.findCredentials() : undefined;
      const user = credentials?.user ?? SANDBOX_USER;
      await deps.owners.ensure(order.sessionId, user, () =>
        engineCall(() => changeVolumeOwner(helpers, { image: order.image, user, volumes })),
      );
      const port = /^tcp:.*:(\d+)$/.exec(order.hubAddress)?.[1];
      const network = port === undefined ? "none" : await networks.open({ ...order, port: Number(port) });
      try {
        const profile = buildContainerProfile({
          ...{ order, instance, limits, volumes, network },
          credentials: credentials && { ...credentials, passwdPath: writePasswd(order.hubDirectory, user) },
        });
        const name = `background-agents-${instance}-${order.boot.slice(4)}`;
        return await startChecked(name, order, { profile, image: await describeImage(order.image) });
      } catch (error) {
        if (network !== "none") await networks.close(order.boot).catch(() => undefined);
        throw error;
      } finally {
        networks.settle(order.boot);
      }
    },

    async stop(handle, graceMs) {
      await ignoringGone(() => docker.getContainer(handle).stop({ t: Math.ceil(graceMs / 1000) }));
    },

    async remove(handle) {
      const boot = (await inspect(handle))?.boot;
      await ignoringGone(() => docker.getContainer(handle).remove({ force: true }));
      if (boot !== undefined) await networks.close(boot);
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

    async measureVolumes(sessionIds) {
      const volumes = new Map(sessionIds.map((sessionId) => [sessionId, volumesOf(sessionId)]));
      return engineCall(() => measureVolumes(helpers, { image: deps.image, volumes }));
    },

    bytesWritten: () => engineCall(() => readBytesWritten(docker, instance)),

    async freeSpace() {
      return readFreeSpace(known ?? (await askEngine()));
    },

    async list() {
      const sweepNetworks = await networks.beginSweep();
      const containers = await engineCall(() => docker.listContainers({ all: true, filters }));
      const instances = await Promise.all(containers.map((container) => inspect(container.Id)));
      const found = instances.filter((one): one is SandboxInstance => one !== undefined);
      // Of boots without a container; a profile only after a day, since it is written before there is one.
      const boots = new Set<string>(found.map(({ boot }) => boot));
      deps.profiles.removeUnknown(boots, new Date(deps.clock.now().getTime() - 24 * 60 * 60 * 1000));
      await sweepNetworks(boots);
      // What cannot be removed now is tried again with the next comparison, which must not fail by it.
      await helpers
        .sweep()
        .catch((error: unknown) =>
          log.warn({ error: messageOf(error) }, "a helper that was left could not be removed"),
        );
      return found;
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

  function compare(found: Docker.ContainerInspectInfo, boot: BootId): string[] {
    const expected = deps.profiles.find(boot);
    if (!expected) return ["this server has no record of what it was made as"];
    return findSandboxDifferences(InspectedContainer.parse(found), expected);
  }

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
        differences: found.State.Running ? compare(found, boot.data) : [],
      };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw wrapEngineError(error);
    }
  }
}
