import { makeSandbox } from "../../src/repositories/testing/sandbox-fixture.ts";
import type { AttackCase, Attempt } from "../attack.ts";
import type { AttackWorld } from "../attack-world.ts";

export type Sandbox = Awaited<ReturnType<typeof makeSandbox>>;

export interface GitCase {
  name: string;
  quick?: boolean;
  attack(sandbox: Sandbox, world: AttackWorld): Promise<Attempt>;
  control(sandbox: Sandbox, world: AttackWorld): Promise<Attempt>;
}

/** Each attempt has a repository, a mirror, a clone as a sandbox has it and a quarantine of its own. */
export function gitCase({ name, quick = true, attack, control }: GitCase): AttackCase {
  const within = (act: GitCase["attack"]) => async (world: AttackWorld) => {
    const sandbox = await makeSandbox();
    try {
      return await act(sandbox, world);
    } finally {
      sandbox.remove();
    }
  };
  return { family: "git", name, quick, attack: within(attack), control: within(control) };
}
