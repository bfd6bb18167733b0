import type { Fault } from "../fault.ts";
import type { FaultWorld } from "../fault-world.ts";
import { startScriptedProvider, type ProviderFault, type ScriptedProvider } from "../scripted-provider.ts";

/** Each part of the turn is one answer of the model, through the real gateway. */
const PLAN = { parts: 4, model: true };

async function withProvider(world: FaultWorld, run: (provider: ScriptedProvider) => Promise<void>): Promise<void> {
  const provider = await startScriptedProvider(world.random);
  try {
    await world.kill();
    await world.recover(provider.env);
    await run(provider);
    await world.settle();
    const [first] = world.ledger.runs;
    world.expect(first?.parts.length === PLAN.parts, `the agent said ${first?.parts.length} parts`);
    for (const { text } of world.ledger.runs.flatMap(({ parts }) => parts)) {
      world.expect(provider.said.includes(text), `what the model never said became a part: ${text.slice(0, 40)}`);
    }
  } finally {
    provider.close();
  }
}

/** The provider does this to two calls; the agent hears of it as `heard`, asks again, and its turn ends well. */
function providerFault(fault: ProviderFault, heard: string): Fault {
  return {
    name: `the model provider: ${fault}`,
    quick: true,
    run: (world) =>
      withProvider(world, async (provider) => {
        provider.faults.push(fault, fault);
        const sessionId = await world.createSession({ label: "asks the model", plan: PLAN });
        await world.until(() => world.ledger.runs.some((run) => run.outcome !== undefined));
        const calls = world.ledger.runs.find((run) => run.sessionId === sessionId)?.calls ?? [];
        const expected = [heard, heard, "whole", "whole", "whole", "whole"];
        world.expect(calls.join() === expected.join(), `the agent heard ${calls.join(", ")}`);
      }),
  };
}

export const PROVIDER_FAULTS: Fault[] = [
  providerFault("500", "500"),
  providerFault("429", "429 1"),
  providerFault("529", "529"),
  providerFault("half, then reset", "cut"),
  providerFault("half, then a clean end", "cut"),
  providerFault("garbage", "cut"),
  providerFault("silence", "502"),
  {
    name: "kill -9: while the model speaks, 6 random moments",
    quick: false,
    run: (world) =>
      withProvider(world, async (provider) => {
        const sessionId = await world.createSession({ label: "asks the model", plan: PLAN });
        for (let kill = 0; kill < 6; kill++) {
          provider.faults.push("half, then reset", "429", "silence");
          await world.until(() => provider.faults.length < 3);
          await world.kill();
          await world.recover(provider.env);
          await world.send(sessionId, `again ${kill}`, PLAN);
        }
        const early = world.ledger.runs.flatMap(({ calls }) => calls).filter((call) => call === "ended early");
        world.expect(early.length === 0, "an answer ended early without a sign of it");
      }),
  },
];
