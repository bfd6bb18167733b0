import { CONTAINER_PATHS } from "@background-agents/shared/protocol/supervisor-frames";
import { AppError } from "../lib/app-error.ts";
import type { HelperContainers } from "./helper-containers.ts";

const { workspace, state } = CONTAINER_PATHS;

/** Links are not followed, so nothing outside of the volumes is touched. The directories are where files get mounted. */
const SCRIPT = `set -e
mkdir -p ${state}/home/.config/gh ${state}/home/.ssh
touch ${state}/home/.gitconfig
chown -R -h "$OWNER" ${workspace} ${state}`;

/**
 * Gives the files in a session's volumes to `user`, by a container that lives for a moment: of the same image, as root,
 * with the two volumes and nothing else, without a network, and with only what it takes to change owners. Nothing that
 * an agent wrote is run in it.
 */
export async function changeVolumeOwner(
  helpers: HelperContainers,
  order: { image: string; user: string; volumes: { workspace: string; state: string } },
): Promise<void> {
  const { exitCode } = await helpers.run({
    Image: order.image,
    User: "0:0",
    Entrypoint: ["/bin/sh", "-c", SCRIPT],
    Env: [`OWNER=${order.user}`],
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      CapAdd: ["CHOWN", "DAC_OVERRIDE"],
      SecurityOpt: ["no-new-privileges:true"],
      LogConfig: { Type: "local", Config: {} },
      Mounts: [
        { Type: "volume", Source: order.volumes.workspace, Target: workspace },
        { Type: "volume", Source: order.volumes.state, Target: state },
      ],
    },
  });
  if (exitCode !== 0) {
    throw new AppError("sandbox.failed", `The session's volumes could not be given to the user ${order.user}.`);
  }
}
