import { newId } from "@background-agents/shared/ids";
import { ReportBody } from "@background-agents/shared/protocol/supervisor-frames";
import { expect, it } from "vitest";
import { fitReport } from "./fit-report.ts";

const turn = { promptId: newId("prompt"), turnId: newId("turn") };

it.each<[string, ReportBody, string]>([
  ["a report that fits", { kind: "turn.saving", ...turn }, "turn.saving"],
  ["a long notice", { kind: "notice", level: "info", code: "x", message: "m".repeat(9000) }, "notice"],
  [
    "a report that does not fit",
    { kind: "todo.updated", ...turn, todos: [{ content: "c".repeat(5000), status: "pending" }] },
    "notice",
  ],
])("makes the server able to take %s", (_name, body, kind) => {
  const fitted = fitReport(body);
  expect(fitted.kind).toBe(kind);
  expect(ReportBody.safeParse(fitted).success).toBe(true);
});
