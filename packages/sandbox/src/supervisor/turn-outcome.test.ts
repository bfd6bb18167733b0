import { expect, it } from "vitest";
import { decideOutcome, type TurnEnd } from "./turn-outcome.ts";

const plain: TurnEnd = { stopRequested: false, aborted: false, crash: undefined, error: undefined };
const api = { name: "APIError", data: { message: "Overloaded", statusCode: 529 } };
const unknownModel = { name: "UnknownError", data: { message: "Model not found: a/b.\n    at x (y:1)" } };

it.each<[Partial<TurnEnd>, unknown]>([
  [{}, { outcome: "completed" }],
  [{ aborted: true }, { outcome: "interrupted" }],
  [{ stopRequested: true, error: api, crash: "killed" }, { outcome: "interrupted" }],
  [
    { crash: "gone", error: api },
    { outcome: "failed", error: { code: "agent.failed", message: "gone" } },
  ],
  [{ error: api }, { outcome: "failed", error: { code: "provider.failed", message: "Overloaded" } }],
  [{ error: unknownModel }, { outcome: "failed", error: { code: "model.unknown", message: "Model not found: a/b." } }],
  [
    { error: { name: "UnknownError" } },
    { outcome: "failed", error: { code: "agent.failed", message: "UnknownError" } },
  ],
])("%j", (end, outcome) => {
  expect(decideOutcome({ ...plain, ...end })).toEqual(outcome);
});
