import { setTimeout as delay } from "node:timers/promises";
import { createApi, type ApiAccess } from "../../e2e/api.ts";
import { docker, readProcessorMs, readStartTimes } from "./docker-process.ts";
import { type Mark, marksOfSession, type Sample } from "./marks.ts";
import type { RecordingModel } from "./recording-model.ts";

const LIMIT_MS = 120_000;
const POLL_MS = 200;

/**
 * Measures our side: from just before `POST /api/sessions` to the session's first model request. Waits for the turn's
 * end and for the container to be gone, so that the next sample has the machine to itself. Throws where the turn fails.
 */
export function createSessionMeasure(deps: {
  access: ApiAccess;
  model: RecordingModel;
  /** Catalogue id, e.g. `anthropic/claude-sonnet-5`. */
  modelId: string;
  /** Absolute path of the repository the sessions work on. */
  repository: string;
}) {
  const api = createApi(deps.access);

  const containersOf = (id: string) =>
    docker(["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=background-agents.session=${id}`]);

  async function whenEnded(id: string): Promise<void> {
    for (;;) {
      const { session, prompts } = await api.session(id);
      const prompt = prompts[0];
      if (prompt?.status === "completed") return;
      if (prompt?.status === "failed" || session.status === "failed") {
        throw new Error(`The session failed: ${prompt?.error?.message ?? session.statusReason}`);
      }
      await delay(POLL_MS);
    }
  }

  async function remove(id: string): Promise<void> {
    await api.call("DELETE", `/api/sessions/${id}`);
    const deadline = Date.now() + LIMIT_MS;
    while ((await containersOf(id)) !== "") {
      if (Date.now() > deadline) throw new Error(`The container of session ${id} is still there after its deletion.`);
      await delay(POLL_MS);
    }
  }

  async function marksOfContainer(container: string): Promise<Mark[]> {
    const times = await readStartTimes(container);
    return [
      { name: "container created", atMs: times.createdAtMs },
      { name: "container started", atMs: times.startedAtMs },
    ];
  }

  return async (marker: string): Promise<Sample> => {
    const asked = deps.model.firstRequest(marker, LIMIT_MS);
    asked.catch(() => undefined);
    const startedAtMs = Date.now();
    const { id } = await api.create({
      repository: deps.repository,
      model: deps.modelId,
      prompt: { text: `Say that there is nothing to do. ${marker}` },
    });
    const answered: Mark = { name: "201 answered", atMs: Date.now() };
    try {
      const durationMs = (await asked) - startedAtMs;
      const container = await containersOf(id);
      const processorMs = await readProcessorMs(container);
      const started = await marksOfContainer(container);
      await whenEnded(id);
      const events = marksOfSession(await api.events(id));
      return { startedAtMs, durationMs, processorMs, marks: [answered, ...started, ...events] };
    } catch (error) {
      const { session } = await api.session(id);
      throw new Error(`Session ${id} (${session.status}: ${session.statusReason}) could not be measured.`, {
        cause: error,
      });
    } finally {
      await remove(id);
    }
  };
}
