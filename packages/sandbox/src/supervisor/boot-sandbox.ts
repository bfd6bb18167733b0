import type { ReportBody, SandboxSpec } from "@background-agents/shared/protocol/supervisor-frames";
import type { BootPhase } from "@background-agents/shared/sessions/session";
import type { Agent } from "../opencode/agent.ts";
import type { Git } from "../workspace/git-process.ts";
import { BROKERED_ORIGIN, configureClone } from "../workspace/configure-clone.ts";
import { cloneWorkspace, refreshIndex, type ClonedTree } from "../workspace/clone-workspace.ts";

export interface BootOrder {
  spec: SandboxSpec;
  mirror: string;
  workspace: string;
  agent: Agent;
  /** Brings the last checkpoint's commit into a new clone; absent where the session has none. */
  bringCommit: ((git: Git) => Promise<string>) | undefined;
  /** Puts what git does not hold into a new clone. */
  bringFiles: (cloned: { tree: string; git: Git }) => Promise<void>;
  /** Runs the repository's own scripts in the tree; how they end keeps nothing from starting. */
  setUp: (cloned: ClonedTree) => Promise<void>;
  /** Finds or makes OpenCode's session once the tree is open. */
  openSession: () => Promise<void>;
  report: (body: ReportBody) => void;
  log: (phase: BootPhase, text: string) => void;
}

export type BootResult = { cloned: ClonedTree } | { failed: BootPhase; message: string };

/**
 * Brings the sandbox up in its named phases: the tree is cloned while OpenCode starts, since neither needs the other
 * until the tree is opened in it. Answers the phase that failed and why, where one did.
 */
export async function bootSandbox(order: BootOrder): Promise<BootResult> {
  const { spec, mirror, workspace, agent, bringCommit, bringFiles, setUp, openSession, report, log } = order;
  let phase: BootPhase = "clone";
  const enter = (next: BootPhase) => {
    phase = next;
    report({ kind: "boot.phase", phase });
  };
  enter("clone");
  const started = agent.start();
  started.catch(() => undefined);
  try {
    const { directory, baseCommit, branch, identity } = spec;
    const onLog = (text: string) => log("clone", text);
    const clone = { mirror, workspace, directory, baseCommit, branch, identity, bringCommit, onLog };
    const generation = spec.restored?.generation ?? 0;
    const cloned = await cloneWorkspace({ ...clone, generation, onCheckedOut: bringFiles });
    enter("setup");
    const origin = (spec.gitCredentials === "mount" && spec.originUrl) || BROKERED_ORIGIN;
    // A lock that the agent left behind, say, is no reason not to start.
    await configureClone({ git: cloned.git, sessionId: spec.sessionId, branch, origin }).catch((error: unknown) =>
      log("setup", `git in the working tree could not be set up: ${String(error)}\n`),
    );
    await setUp(cloned);
    enter("agent");
    await started;
    await agent.open(cloned.tree);
    await openSession();
    if (!cloned.resumed) void refreshIndex(cloned).catch(() => undefined);
    return { cloned };
  } catch (error) {
    return { failed: phase, message: error instanceof Error ? error.message : String(error) };
  }
}
