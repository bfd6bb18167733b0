import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { z } from "zod";
import { engineCall, ignoring, statusOf, wrapEngineError } from "./engine-call.ts";
import { buildDockerfile, buildFailure, DERIVED_LABEL, hashOfDerived } from "./derived-image.ts";
import type { DerivedImageOrder } from "./sandbox-provider.ts";

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
const MAX_LOG_CHARACTERS = 200_000;

const Progress = z.object({ stream: z.string().optional(), error: z.string().optional() });

export interface DerivedImagesDeps {
  docker: Docker;
  /** Holds when each image was last asked for. */
  dataDir: string;
  instance: string;
  labels: Record<string, string>;
  now: () => Date;
}

/** Images with a repository's Debian packages: built once by the engine, outside of any sandbox, and kept while used. */
export function createDerivedImages(deps: DerivedImagesDeps) {
  const { docker, labels } = deps;
  const stamps = join(deps.dataDir, "derived-images");
  const building = new Map<string, { done: Promise<void>; listeners: Set<(line: string) => void> }>();

  function stamp(hash: string): void {
    mkdirSync(stamps, { recursive: true });
    const path = join(stamps, hash);
    writeFileSync(path, "");
    utimesSync(path, deps.now(), deps.now());
  }

  async function exists(image: string): Promise<boolean> {
    try {
      await docker.getImage(image).inspect();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw wrapEngineError(error);
    }
  }

  async function build(
    order: { tag: string; hash: string; baseId: string; packages: string[] },
    say: (line: string) => void,
  ) {
    const context = mkdtempSync(join(tmpdir(), "background-agents-image-"));
    try {
      writeFileSync(join(context, "Dockerfile"), buildDockerfile(order.baseId, order.packages));
      const stream = await engineCall(() =>
        docker.buildImage(
          { context, src: ["Dockerfile"] },
          {
            t: order.tag,
            forcerm: true,
            labels: { ...labels, [DERIVED_LABEL]: order.hash },
            buildargs: Object.fromEntries(
              PROXY_VARIABLES.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
            ),
          },
        ),
      );
      let log = "";
      let failed: string | undefined;
      await new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(
          stream,
          (error) => (error && failed === undefined ? reject(wrapEngineError(error)) : resolve()),
          (event) => {
            const { stream: text = "", error } = Progress.parse(event);
            failed ??= error;
            log = (log + text).slice(-MAX_LOG_CHARACTERS);
            for (const line of text.split("\n")) if (line.trim() !== "") say(line.trimEnd());
          },
        );
      });
      if (failed !== undefined) throw buildFailure(`${log}\n${failed}`, order.packages);
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  }

  return {
    /** Answers the image's name. Sessions that need the same one at once wait for one build and see the same lines. */
    async ensure({ base, packages, onLine }: DerivedImageOrder): Promise<string> {
      const baseId = (await engineCall(() => docker.getImage(base).inspect())).Id;
      const hash = hashOfDerived(baseId, packages);
      const tag = `background-agents-derived-${deps.instance}:${hash}`;
      stamp(hash);
      const known = building.get(tag);
      if (known) {
        known.listeners.add(onLine);
        await known.done;
        return tag;
      }
      const listeners = new Set([onLine]);
      const say = (line: string): void => {
        for (const listener of listeners) listener(line);
      };
      const done = exists(tag)
        .then((there) => (there ? undefined : build({ tag, hash, baseId, packages }, say)))
        .finally(() => building.delete(tag));
      building.set(tag, { done, listeners });
      await done;
      return tag;
    },

    /** Removes ours that nobody asked for since `before`; one that a container uses stays. Answers how many. */
    async removeUnused(before: Date): Promise<number> {
      const filters = { label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) };
      const images = await engineCall(() => docker.listImages({ filters: JSON.stringify(filters) }));
      let removed = 0;
      for (const image of images) {
        const hash = image.Labels?.[DERIVED_LABEL];
        if (hash === undefined || lastUse(hash, image.Created) >= before) continue;
        await ignoring([404, 409], async () => {
          await docker.getImage(image.Id).remove();
          removed += 1;
        });
        rmSync(join(stamps, hash), { force: true });
      }
      return removed;
    },
  };

  function lastUse(hash: string, createdSeconds: number): Date {
    try {
      return statSync(join(stamps, hash)).mtime;
    } catch {
      return new Date(createdSeconds * 1000);
    }
  }
}
