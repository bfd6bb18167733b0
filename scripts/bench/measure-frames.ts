import type { Page } from "@playwright/test";
import { z } from "zod";
import { median, percentile } from "./statistics.ts";

/** How smoothly a page moved for a while. Durations in ms. */
export interface Smoothness {
  name: string;
  frames: number;
  frameMedianMs: number;
  frameP95Ms: number;
  /** Of scripts and layout that held the page for 50 ms or longer. */
  longTasks: number;
  longestTaskMs: number;
  /** Elements in the document at the end, those in shadow trees among them. */
  elements: number;
}

/** Runs in the page from its beginning: the time between frames, and the tasks that were in their way. */
const OBSERVE = `
  globalThis.benchSeen = { frames: [], tasks: [] };
  let last = performance.now();
  requestAnimationFrame(function next(now) {
    benchSeen.frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  });
  new PerformanceObserver((list) => benchSeen.tasks.push(...list.getEntries().map((task) => task.duration)))
    .observe({ type: "longtask", buffered: true });
`;

/** Answers what was seen since it was last asked. */
const TAKE = `(() => {
  const count = (root) =>
    [...root.querySelectorAll("*")].reduce((sum, each) => sum + 1 + (each.shadowRoot ? count(each.shadowRoot) : 0), 0);
  const { frames, tasks } = benchSeen;
  globalThis.benchSeen = { frames: [], tasks: [] };
  return { frames, tasks, elements: count(document) };
})()`;

const Seen = z.object({ frames: z.array(z.number()), tasks: z.array(z.number()), elements: z.int() });

/** Measures frames of `page` from its next address on. */
export async function createFrameMeasure(page: Page) {
  await page.addInitScript({ content: OBSERVE });

  /** What was seen since the page began, or since the last call. */
  return async function take(name: string): Promise<Smoothness> {
    const { frames, tasks, elements } = Seen.parse(await page.evaluate(TAKE));
    return {
      name,
      frames: frames.length,
      frameMedianMs: median(frames),
      frameP95Ms: percentile(frames, 0.95),
      longTasks: tasks.length,
      longestTaskMs: Math.max(0, ...tasks),
      elements,
    };
  };
}
