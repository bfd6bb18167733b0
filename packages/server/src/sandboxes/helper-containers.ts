import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import { demultiplex } from "./container-log.ts";
import { LABELS } from "./container-profile.ts";
import { DERIVED_LABEL } from "./derived-image.ts";
import { engineCall, ignoringGone } from "./engine-call.ts";

/** What a container of ours that is no helper has of these; an image that is being built, the last. */
const MARKS = [LABELS.session, LABELS.boot, LABELS.relay, DERIVED_LABEL];

export type HelperContainers = ReturnType<typeof createHelperContainers>;

export interface HelperContainersDeps {
  docker: Docker;
  instance: string;
  /** Security options that this engine has to be asked for, besides those of the profile. */
  askForCallFilter: () => Promise<string[]>;
}

/**
 * Containers that do one thing with sessions' volumes and are gone. They hold the volumes while they are there, so one
 * that a server left behind when it ended would keep a session from being purged for ever.
 */
export function createHelperContainers(deps: HelperContainersDeps) {
  const { docker, instance } = deps;
  const atWork = new Set<string>();
  let hasSwept = false;

  return {
    /** Runs it to its end and removes it; `output` is what it printed, without its errors. */
    async run(profile: ContainerCreateOptions): Promise<{ exitCode: number; output: string }> {
      const name = `background-agents-${instance}-helper-${randomBytes(8).toString("hex")}`;
      const labels = { [LABELS.instance]: instance, [LABELS.helper]: name };
      // Before there is a container, so that no sweep takes it for a left one.
      atWork.add(name);
      try {
        const SecurityOpt = [...(profile.HostConfig?.SecurityOpt ?? []), ...(await deps.askForCallFilter())];
        const HostConfig = { ...profile.HostConfig, SecurityOpt };
        const container = await docker.createContainer({ ...profile, HostConfig, name, Labels: labels });
        try {
          const ended = container.wait({ condition: "next-exit" }) as Promise<{ StatusCode: number }>;
          ended.catch(() => undefined);
          await container.start();
          const { StatusCode } = await ended;
          return { exitCode: StatusCode, output: demultiplex(await container.logs({ stdout: true, stderr: false })) };
        } finally {
          await container.remove({ force: true }).catch(() => undefined);
        }
      } finally {
        atWork.delete(name);
      }
    },

    /**
     * Removes those that nobody here waits for, also where they run: one server alone has this data directory, so they
     * are of one that ended, or could not be removed when they were done. The first time also those of a version that
     * put no label of their own on them.
     */
    async sweep(): Promise<void> {
      const filters = { label: [`${LABELS.instance}=${instance}`] };
      for (const { Id, Labels } of await engineCall(() => docker.listContainers({ all: true, filters }))) {
        const name = Labels[LABELS.helper];
        // Asked now, not when they were listed: one that began since is not in the list, one that ended is gone.
        const isLeft = name === undefined ? !hasSwept && MARKS.every((mark) => !(mark in Labels)) : !atWork.has(name);
        if (isLeft) await ignoringGone(() => docker.getContainer(Id).remove({ force: true }));
      }
      hasSwept = true;
    },
  };
}
