import { inWords } from "../attack.ts";
import { openLegitimateWorld, type Done, type LegitimateWorld } from "./legitimate-world.ts";
import { WORK_TURNS, type WorkTurn } from "./legitimate-work.ts";

export interface WorkResult {
  name: string;
  passed: boolean;
  said: string;
}

/** Does each piece of work in a real sandbox; it passes where it succeeds and nothing had to be asked of the user. */
export async function runLegitimate(deps: {
  image: string;
  turns: readonly WorkTurn[];
  onResult: (result: WorkResult) => void;
  /** Is given what clears everything away, for whoever has to end early. */
  onOpened: (close: () => Promise<void>) => void;
}): Promise<WorkResult[]> {
  const world = await openLegitimateWorld({ image: deps.image });
  deps.onOpened(() => world.close());
  const results: WorkResult[] = [];
  try {
    for (const turn of deps.turns) {
      const done = await doTurn(world, turn);
      for (const [at, { name, preview }] of turn.works.entries()) {
        const { exitsWell = false, output = "nothing was run" } = done.commands[at] ?? {};
        const blocked = done.blocked.map((host) => `\nblocked: ${host}`).join("");
        const shown = preview && exitsWell ? await look(world, turn, preview.port) : "";
        const passed = exitsWell && blocked === "" && shown.includes(preview?.shows ?? "");
        const result = { name, passed, said: output.slice(-600) + blocked + shown };
        results.push(result);
        deps.onResult(result);
      }
    }
  } finally {
    await world.close();
  }
  return results;
}

async function doTurn(world: LegitimateWorld, { packages, works }: WorkTurn): Promise<Done> {
  try {
    return await (await world.session(packages)).run(works.map(({ command }) => command));
  } catch (error) {
    return { commands: works.map(() => ({ exitsWell: false, output: inWords(error) })), blocked: [] };
  }
}

async function look(world: LegitimateWorld, { packages }: WorkTurn, port: number): Promise<string> {
  try {
    return await (await world.session(packages)).look(port);
  } catch (error) {
    return inWords(error);
  }
}

export function selectTurns(filter: { only: string | undefined; quick: boolean }): WorkTurn[] {
  const { only, quick } = filter;
  const wanted = WORK_TURNS.filter((turn) => turn.quick || !quick).map((turn) => ({
    ...turn,
    works: turn.works.filter(({ name }) => only === undefined || only === "legitimate" || name.includes(only)),
  }));
  return wanted.filter(({ works }) => works.length > 0);
}
