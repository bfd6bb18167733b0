import type { Fault } from "../fault.ts";

/** Where the server is killed: between two writes that must agree, and how often it passes there before. */
const FAILPOINTS = [
  ["sandbox.intended:1", "between intent and docker create"],
  ["sandbox.started:1", "between docker start and its answer's record"],
  ["report.stored:1", "between COMMIT and ack of the first report"],
  ["report.stored:6", "between COMMIT and ack mid-turn"],
  ["checkpoint.imported:1", "between import and its COMMIT"],
  ["checkpoint.recorded:1", "between the import's COMMIT and its answer"],
  ["publish.begin:1", "before publish"],
  ["publish.moved:1", "between publish and its COMMIT"],
] as const;

export const FAILPOINT_FAULTS: Fault[] = [
  ...FAILPOINTS.map(([failpoint, where]): Fault => ({
    name: `kill -9: ${where}`,
    quick: true,
    async run(world) {
      await world.crashAt(failpoint, () => world.createSession({ label: "first" }));
    },
  })),
  ...(["before", "after"] as const).map((moment): Fault => ({
    name: `kill -9: during docker create, ${moment} the container is made`,
    quick: true,
    async run(world) {
      world.engine.faults.onStart = (now) => {
        if (now !== moment) return;
        world.engine.faults.onStart = undefined;
        world.server.signal("SIGKILL");
        if (moment === "before") throw new Error("cut off before the engine had made anything");
      };
      const creating = world.createSession({ label: "first" });
      await world.server.exited;
      await world.recover();
      await creating;
    },
  })),
];
