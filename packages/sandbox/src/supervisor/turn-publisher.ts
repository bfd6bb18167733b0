import type { ReportBody, SandboxSpec, SupervisorFrame } from "@background-agents/shared/protocol/supervisor-frames";
import type { SettledPart, SettledTool } from "@background-agents/shared/sessions/part";
import type { TurnOutput } from "../opencode/event-translator.ts";
import { fitOpenPart, fitSettledPart } from "../opencode/part-limits.ts";
import type { WrittenFiles } from "../workspace/written-files.ts";
import type { BlobOutbox } from "./blob-outbox.ts";
import { keptEndOf, readFullOutput, separateLargeOutput } from "./large-output.ts";
import { createPartPublisher } from "./part-publisher.ts";
import type { AcceptedPrompt } from "./prompt-store.ts";

export interface TurnPublisherDeps {
  prompt: AcceptedPrompt;
  limits: SandboxSpec["limits"];
  report: (body: ReportBody) => void;
  send: (frame: SupervisorFrame) => void;
  blobs: BlobOutbox;
  files: WrittenFiles;
  onToolEnded: (name: string) => void;
  /** Names of the tools that run now; called when one begins or ends. */
  onRunningTools: (names: readonly string[]) => void;
}

function writeOf(tool: { name: string; input?: Record<string, unknown> | undefined } | undefined) {
  const path = tool?.input?.["filePath"];
  const content = tool?.input?.["content"];
  return tool?.name === "write" && typeof path === "string" && typeof content === "string"
    ? { path, content }
    : undefined;
}

/** Files that a finished call read or changed: what they hold now is what a later write replaces. */
function filesSeen({ name, input, patch }: SettledTool): string[] {
  if (patch !== undefined) return Array.from(patch.matchAll(/^\+\+\+ b\/(.+)$/gm), ([, path]) => path ?? "");
  const path = name === "read" ? input["filePath"] : undefined;
  return typeof path === "string" ? [path] : [];
}

/** Sends what a turn puts out: open parts and deltas at once and merged, settled parts as reports, in their order. */
export function createTurnPublisher(deps: TurnPublisherDeps) {
  const { prompt, limits, report, send, blobs, files, onToolEnded } = deps;
  const { promptId, turnId } = prompt;
  /** The name of each tool that runs, by its part. */
  const running = new Map<string, string>();
  const open = createPartPublisher({ promptId, send });
  let queue: Promise<void> = Promise.resolve();

  async function reportSettled(settled: SettledPart, fullOutputFile: string | undefined): Promise<void> {
    const full =
      fullOutputFile === undefined
        ? undefined
        : await readFullOutput(fullOutputFile, keptEndOf(settled.tool?.output ?? "", fullOutputFile));
    const whole =
      settled.tool && full !== undefined ? { ...settled, tool: { ...settled.tool, output: full } } : settled;
    const { part, blob } = separateLargeOutput(await withPatch(whole), limits.settledOutputBytes);
    // On disk first: the report names it.
    if (blob) await blobs.add(blob);
    report({ kind: "part.settled", promptId, turnId, part: fitSettledPart(part) });
  }

  async function withPatch(part: SettledPart): Promise<SettledPart> {
    const write = writeOf(part.tool);
    if (!part.tool || !write || part.tool.patch !== undefined || part.tool.status !== "completed") return part;
    const patch = await files.onDone(part.partId, write.path, write.content).catch(() => undefined);
    return patch ? { ...part, tool: { ...part.tool, patch } } : part;
  }

  return {
    publish(output: TurnOutput): void {
      switch (output.kind) {
        case "open": {
          const { partId, tool } = output.part;
          const write = writeOf(tool);
          if (write) files.onBegin(partId, write.path, write.content);
          if (tool?.status === "running" && !running.has(partId)) {
            running.set(partId, tool.name);
            deps.onRunningTools([...running.values()]);
          }
          return open.open(fitOpenPart(output.part));
        }
        case "delta":
          return open.delta(output.partId, output.offset, output.text);
        case "todos":
          return report({ kind: "todo.updated", promptId, turnId, todos: output.todos });
        case "settled": {
          const { part, fullOutputFile } = output;
          open.drop(part.partId);
          if (part.tool) for (const path of filesSeen(part.tool)) files.onSeen(path);
          if (running.delete(part.partId)) deps.onRunningTools([...running.values()]);
          if (part.tool) onToolEnded(part.tool.name);
          queue = queue
            .then(() => reportSettled(part, fullOutputFile))
            .catch(() => report({ kind: "part.settled", promptId, turnId, part: fitSettledPart(part) }));
          return undefined;
        }
      }
    },
    /** Resolves when everything published so far is reported. */
    flushed: (): Promise<void> => queue,
    close: (): void => open.close(),
  };
}
