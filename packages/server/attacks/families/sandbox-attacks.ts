import type { AttackCase, Attempt } from "../attack.ts";
import { runInside } from "../containers.ts";
import type { FieldWeakness, HostPlaces, Weakness } from "../sandbox-world.ts";
import {
  BRIDGE,
  DATA_DIR_MOUNT,
  DEFAULT_CAPABILITIES,
  HOME_MOUNT,
  HOST_IPC,
  HOST_NETWORK,
  HOST_PROCESSES,
  MORE_PROCESSES,
  NEW_PRIVILEGES,
  NO_SECCOMP,
  PRIVILEGED,
  SIBLING_MOUNT,
  SOCKET_MOUNT,
  SYSTEM_ADMIN,
  WRITABLE_KERNEL,
  WRITABLE_MOUNTS,
  WRITABLE_ROOT,
} from "../weaknesses.ts";

interface Probe {
  name: string;
  /** Exits with 0 where it got through. */
  script: string | ((places: HostPlaces) => string);
  /** The guard that its control is without. */
  without: Weakness;
  quick?: boolean;
}

const PROBES: Probe[] = [
  { name: "mount a file system", script: "mkdir -p /tmp/m && mount -t tmpfs none /tmp/m", without: SYSTEM_ADMIN },
  { name: "make a namespace of its own", script: "unshare --mount true", without: SYSTEM_ADMIN },
  { name: "make a user namespace", script: "unshare --user true", without: SYSTEM_ADMIN },
  { name: "enter the namespaces of process 1", script: "nsenter --target 1 --mount true", without: SYSTEM_ADMIN },
  {
    name: "change the root directory",
    script: `python3 -c 'import os; os.chroot("/tmp")'`,
    without: DEFAULT_CAPABILITIES,
  },
  { name: "make a device", script: "rm -f /tmp/disk; mknod /tmp/disk b 8 0", without: DEFAULT_CAPABILITIES },
  {
    name: "hold a capability",
    script: "! grep -q '^CapBnd:.0000000000000000' /proc/self/status",
    without: DEFAULT_CAPABILITIES,
  },
  {
    name: "gain privileges by a set-uid program",
    script: "grep -q '^NoNewPrivs:.0' /proc/self/status",
    without: NEW_PRIVILEGES,
  },
  {
    name: "run without a filter of system calls",
    script: "grep -q '^Seccomp:.0' /proc/self/status",
    without: NO_SECCOMP,
  },
  { name: "replace a program of the image", script: "echo planted > /usr/local/bin/planted", without: WRITABLE_ROOT },
  { name: "change the users", script: "echo x:x:0:0::/: >> /etc/passwd", without: WRITABLE_ROOT },
  {
    name: "change a setting of the kernel",
    script: `v=$(cat /proc/sys/vm/swappiness) && echo "$v" > /proc/sys/vm/swappiness`,
    without: WRITABLE_KERNEL,
  },
  {
    name: "find the engine's socket",
    script: "curl -sf -m 5 --unix-socket /var/run/docker.sock http://engine/_ping",
    without: SOCKET_MOUNT,
  },
  { name: "read the user's SSH key", script: ({ home }) => `cat ${home}/.ssh/id_ed25519`, without: HOME_MOUNT },
  { name: "read the API's token", script: ({ dataDir }) => `cat ${dataDir}/api-token`, without: DATA_DIR_MOUNT },
  { name: "read the database", script: ({ dataDir }) => `head -c 16 ${dataDir}/data.db`, without: DATA_DIR_MOUNT },
  {
    name: "reach another session's hub",
    script: ({ dataDir }) =>
      `ls /run/hub/../*/hub.sock ${dataDir}/run/*/hub.sock 2>/dev/null | grep -v '^/run/hub/../hub/'`,
    without: DATA_DIR_MOUNT,
  },
  {
    name: "read another session's files",
    script: "cat /mnt/private.txt /workspace/private.txt 2>/dev/null | grep canary",
    without: SIBLING_MOUNT,
  },
  {
    name: "write to the mirror",
    script: "touch /mirror.git/planted && rm /mirror.git/planted",
    without: WRITABLE_MOUNTS,
  },
  {
    name: "plant a hook in the mirror",
    script: "mkdir -p /mirror.git/hooks && echo exit > /mirror.git/hooks/planted && rm /mirror.git/hooks/planted",
    without: WRITABLE_MOUNTS,
  },
  {
    name: "write beside the hub's socket",
    script: "touch /run/hub/planted && rm /run/hub/planted",
    without: WRITABLE_MOUNTS,
  },
  { name: "see the host's processes", script: "grep -lx dockerd /proc/[0-9]*/comm", without: HOST_PROCESSES },
  { name: "read the host's shared memory", script: "cat /dev/shm/background-agents-attacks", without: HOST_IPC },
  { name: "have a network card", script: "[ $(ls /sys/class/net | grep -vc '^lo$') -gt 0 ]", without: BRIDGE },
];

/** Tried first in the attacker's own container, beside its agent; then where the guard is missing. */
function probeCase({ name, script, without }: Probe): AttackCase {
  const write = (places: HostPlaces): string => (typeof script === "string" ? script : script(places));
  return {
    family: "sandbox",
    name,
    quick: true,
    async attack(world) {
      const sandboxes = await world.sandboxes();
      return toAttempt(await sandboxes.runAsAgent(write(sandboxes.places)));
    },
    async control(world) {
      const sandboxes = await world.sandboxes();
      return toAttempt(await runInside(await sandboxes.weakened(without), write(sandboxes.places)));
    },
  };
}

export function toAttempt({ exitCode, output }: { exitCode: number; output: string }): Attempt {
  return { succeeded: exitCode === 0, said: output };
}

const FORK_BOMB = `python3 - <<'END'
import os, signal, sys, time
children = []
try:
    while len(children) < 1000:
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
        children.append(child)
except OSError as error:
    print(error, len(children))
for child in children:
    os.kill(child, signal.SIGKILL)
sys.exit(0 if len(children) >= 1000 else 1)
END`;

/** Enough memory for what is limited in another way. */
const ROOM = 1.5 * 2 ** 30;

const MEMORY_BOMB = `python3 -c 'print(len(bytearray(400 * 2**20)))'`;

/** These take a container down, so each has one of its own. */
const BOMBS: AttackCase[] = [
  {
    family: "sandbox",
    name: "a thousand processes",
    quick: true,
    attack: async (world) =>
      toAttempt(await runInside(await (await world.sandboxes()).idle("processes", ROOM), FORK_BOMB)),
    async control(world) {
      return toAttempt(await runInside(await (await world.sandboxes()).weakened(MORE_PROCESSES, ROOM), FORK_BOMB));
    },
  },
  {
    family: "sandbox",
    name: "three times its memory",
    quick: true,
    attack: async (world) => toAttempt(await runInside(await (await world.sandboxes()).idle("memory"), MEMORY_BOMB)),
    async control(world) {
      const container = await (await world.sandboxes()).idle("more-memory", ROOM);
      return toAttempt(await runInside(container, MEMORY_BOMB));
    },
  },
];

const CHANGED: FieldWeakness[] = [
  SYSTEM_ADMIN,
  DEFAULT_CAPABILITIES,
  NEW_PRIVILEGES,
  NO_SECCOMP,
  WRITABLE_ROOT,
  PRIVILEGED,
  SOCKET_MOUNT,
  HOME_MOUNT,
  SIBLING_MOUNT,
  WRITABLE_MOUNTS,
  WRITABLE_KERNEL,
  HOST_PROCESSES,
  HOST_IPC,
  HOST_NETWORK,
  MORE_PROCESSES,
  BRIDGE,
];

/**
 * Somebody has the engine make the container with more than was built for it: it must be refused for that, in each field
 * where it is. Off: one that nobody changed passes, so what is refused is the change.
 */
const changedCase = (weakness: FieldWeakness): AttackCase => ({
  family: "sandbox",
  name: `pass for ours although made ${weakness.name}`,
  quick: true,
  async attack(world) {
    const differences = await (await world.sandboxes()).compare(weakness);
    const isNamed = (field: string): boolean => differences.some((one) => one.startsWith(`HostConfig.${field} `));
    return { succeeded: !weakness.fields.every(isNamed), said: differences.join("; ") };
  },
  async control(world) {
    const differences = await (await world.sandboxes()).compare();
    return { succeeded: differences.length === 0, said: differences.join("; ") };
  },
});

export const SANDBOX_ATTACKS: AttackCase[] = [...PROBES.map(probeCase), ...CHANGED.map(changedCase), ...BOMBS];
