import type { HubFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { AskKind, Asked, Run } from "./ledger.ts";
import type { SimulatedSupervisor } from "./simulated-supervisor.ts";

const QUESTIONS = [{ question: "Which?", header: "Which", options: [{ label: "This", description: "" }] }];

/**
 * How the agent asks, as the contract has it: what is open is told anew after each welcome, the first answer that comes
 * is taken, and that it was is told.
 */
export function createSimulatedAsking(supervisor: Pick<SimulatedSupervisor, "report" | "closed">) {
  let open: { run: Run; asked: Asked; resolve: () => void } | undefined;

  function tell(): void {
    if (!open) return;
    const { run, asked } = open;
    const ids = { promptId: run.promptId, turnId: run.turnId };
    if (asked.kind === "question")
      supervisor.report({ kind: "question.asked", ...ids, questionId: asked.id, questions: QUESTIONS });
    else {
      const what = { permissionId: asked.id, permission: "bash", patterns: ["make test"] };
      supervisor.report({ kind: "permission.asked", ...ids, ...what });
    }
  }

  function close(answer: Asked["heard"]): void {
    if (!open) return;
    const { run, asked, resolve } = open;
    open = undefined;
    const ids = { promptId: run.promptId, turnId: run.turnId };
    asked.heard = answer;
    if (asked.kind === "question") {
      const answers = Array.isArray(answer) ? answer : null;
      supervisor.report({ kind: "question.closed", ...ids, questionId: asked.id, answers });
    } else {
      const reply = answer === "once" || answer === "always" ? answer : "reject";
      supervisor.report({ kind: "permission.closed", ...ids, permissionId: asked.id, reply });
    }
    resolve();
  }

  return {
    /** Resolves when it was answered, or the turn is stopped. */
    ask(run: Run, kind: AskKind): Promise<void> {
      const asked: Asked = { id: `${run.turnId}-${kind}-${run.asked.length}`, kind, heard: undefined };
      run.asked.push(asked);
      return new Promise((resolve) => {
        open = { run, asked, resolve };
        tell();
      });
    },
    /** After a welcome: the server may be a new one. */
    repeat: tell,
    onOrder(frame: HubFrame): void {
      if (frame.type === "question.answer" && frame.questionId === open?.asked.id) close(frame.answers);
      if (frame.type === "permission.answer" && frame.permissionId === open?.asked.id) close(frame.reply);
      if (frame.type === "turn.stop" && frame.turnId === open?.run.turnId) close(null);
    },
  };
}
