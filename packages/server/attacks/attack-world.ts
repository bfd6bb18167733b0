import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCanaries } from "./canaries.ts";
import { findBridgeAddress } from "./containers.ts";
import { openSink } from "./sink.ts";
import { openSandboxWorld, type SandboxWorld } from "./sandbox-world.ts";

const SHARED_MEMORY = "/dev/shm";

export type AttackWorld = Awaited<ReturnType<typeof openAttackWorld>>;

/** What all attacks of a run share: what is planted, what waits for it outside, and sandboxes once one is asked for. */
export async function openAttackWorld(deps: { image: string }) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "baa-")));
  const canaries = makeCanaries();
  const home = join(root, "home");
  mkdirSync(join(home, ".ssh"), { recursive: true });
  writeFileSync(join(home, ".ssh", "id_ed25519"), `${canaries.sshKey}\n`);
  const closers: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  if (existsSync(SHARED_MEMORY)) {
    const planted = join(SHARED_MEMORY, "background-agents-attacks");
    writeFileSync(planted, canaries.hostMemory, { mode: 0o644 });
    closers.push(() => rmSync(planted, { force: true }));
  }
  const bridgeAddress = await findBridgeAddress();
  const sink = await openSink(["127.0.0.1", bridgeAddress]);
  closers.push(() => sink.close());
  let sandboxes: Promise<SandboxWorld> | undefined;
  let overTcp: Promise<SandboxWorld> | undefined;

  return {
    root,
    home,
    canaries,
    sink,
    bridgeAddress,

    /** Two sessions' real sandboxes, made when they are first needed. */
    sandboxes(): Promise<SandboxWorld> {
      sandboxes ??= openSandboxWorld({ ...deps, root, home, canaries, sink });
      return sandboxes;
    },

    /** The same with hubs by TCP, as where the engine runs in a virtual machine. */
    sandboxesOverTcp(): Promise<SandboxWorld> {
      overTcp ??= openSandboxWorld({ ...deps, root: join(root, "tcp"), home, canaries, sink, hub: "tcp" });
      return overTcp;
    },

    /** Keeps what is to be closed at the end of the run. */
    closeLater(close: () => unknown): void {
      closers.push(close);
    },

    async close(): Promise<void> {
      for (const opening of [sandboxes, overTcp]) await (await opening?.catch(() => undefined))?.close();
      for (const close of closers.toReversed()) await close();
    },
  };
}
