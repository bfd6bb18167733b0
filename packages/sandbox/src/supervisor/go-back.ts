import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { Agent } from "../opencode/agent.ts";
import type { Git } from "../workspace/git-process.ts";
import { readGeneration, restoreTree } from "../workspace/restore-tree.ts";
import type { PromptStore } from "./prompt-store.ts";
import type { Receiver } from "./receive-checkpoint.ts";

export type RestoreOrder = NonNullable<SandboxSpec["restored"]>;

export interface GoBackDeps {
  spec: SandboxSpec;
  tree: string;
  git: Git;
  agent: Pick<Agent, "ready" | "recycle">;
  prompts: PromptStore;
  receiver: Receiver;
  /** Puts an exported conversation into OpenCode and answers its session. */
  importConversation: (file: string) => Promise<string>;
  /** OpenCode's session is another one from now on. */
  onConversation: () => void;
  report: (body: ReportBody) => void;
}

/**
 * Brings the tree and, where the order says so, the agent's conversation to the state that the user chose. Tree and
 * conversation know each by itself how far they followed, so an order that comes again, or after a crash, does only
 * what is left of it. Rejects where the state cannot be had; nothing was thrown away then that cannot be brought again.
 */
export function createGoBack(deps: GoBackDeps) {
  const { spec, tree, git, agent, prompts, receiver, report } = deps;

  async function bringTree(order: RestoreOrder): Promise<boolean> {
    const { generation, checkpointId, commit } = order;
    if ((await readGeneration(git)) >= generation) return false;
    await receiver.receiveCommit(git, { checkpointId, commit });
    const { branch, baseCommit: base, identity, sessionId } = spec;
    const limitBytes = spec.limits.checkpointBytes;
    const where = { tree, git, branch, base, identity, sessionId, limitBytes };
    const { backup } = await restoreTree({ ...where, generation, commit, always: order.conversation });
    if (backup) {
      const message = `The working tree had work that no checkpoint holds; it is kept in the sandbox: git show ${backup}`;
      report({ kind: "notice", level: "warning", code: "work.backed-up", message });
    }
    return true;
  }

  async function importKept(order: RestoreOrder, drop: () => Promise<void>): Promise<string | undefined> {
    const { checkpointId } = order;
    if (checkpointId === null) {
      await drop();
      return undefined;
    }
    let reason = "it was not kept";
    let dropped = false;
    try {
      const session = await receiver.receive({ what: "conversation", checkpointId }, async (file) => {
        await drop();
        dropped = true;
        return deps.importConversation(file);
      });
      if (session !== undefined) return session;
    } catch (error) {
      if (!dropped) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (!dropped) await drop();
    const message = `The conversation of that moment could not be brought back, the agent begins a new one: ${reason}`;
    report({ kind: "notice", level: "warning", code: "sandbox.conversation-lost", message });
    return undefined;
  }

  async function bringConversation(order: RestoreOrder): Promise<boolean> {
    const wanted = order.conversationGeneration ?? (order.conversation ? order.generation : 0);
    if (prompts.generation() >= wanted) return false;
    const client = await agent.ready();
    const known = prompts.session();
    const drop = async () => {
      if (known !== undefined) await client.deleteSession(known);
    };
    const session = (await importKept(order, drop)) ?? (await client.createSession(spec.title));
    await prompts.recordSession(session, order.generation);
    deps.onConversation();
    // What the process still holds of the other conversation, and the commands that it left running, go with it.
    await agent.recycle();
    return true;
  }

  return async function goBack(order: RestoreOrder): Promise<void> {
    const tree = await bringTree(order);
    const conversation = await bringConversation(order);
    if (!tree && !conversation) return;
    // A turn that a crash left open belongs to the state that was left.
    const open = prompts.open();
    if (open) await prompts.recordEnded(open.promptId);
    report({ kind: "work.restored", generation: order.generation });
  };
}

export type GoBack = ReturnType<typeof createGoBack>;
