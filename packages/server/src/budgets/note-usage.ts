import type { Recorded } from "../sessions/session-recorder.ts";
import { activePrompt } from "../sessions/session-state.ts";
import { splitByDay } from "../usage/calendar-day.ts";
import type { UsageStore } from "../usage/usage-store.ts";

/**
 * Brings what an event tells of into the table of use: tokens of a call, and the time of a turn that ran until then, each
 * day's part to that day.
 */
export function noteUsage(usage: Pick<UsageStore, "add">, { before, after, event }: Recorded): void {
  const { id: sessionId, repository, workMs } = after.session;
  const place = { at: new Date(event.at), sessionId, repositoryId: repository.id };
  if (event.type === "usage.recorded") {
    const { model, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, costUsd } = event.data;
    usage.add({
      ...place,
      model,
      inputTokens: inputTokens + cacheReadTokens + cacheWriteTokens,
      outputTokens,
      costUsd,
    });
  }
  const ranMs = workMs - (before?.session.workMs ?? workMs);
  if (!before?.runningSince || ranMs <= 0) return;
  const model = activePrompt(before)?.model ?? after.session.model;
  for (const { at, ms } of splitByDay(new Date(before.runningSince), place.at)) {
    usage.add({ ...place, at, model, workMs: ms });
  }
}
