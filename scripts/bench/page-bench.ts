import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { chromium, type Locator, type Page } from "@playwright/test";
import { ROOT } from "../processes/settings.mjs";
import { formatTable } from "./format-table.ts";
import { createFrameMeasure, type Smoothness } from "./measure-frames.ts";
import { startPage, type StandIn } from "./page-process.ts";

const STEPS = 80;
const STEP_PX = 700;
const NEXT_FRAME = "new Promise((resolve) => requestAnimationFrame(resolve))";

/**
 * Measures how smoothly the built page opens and scrolls a session with 5,000 changed files and one diff of 50,000
 * lines, in Chromium, on a stand-in for the API. Needs `npm run build`.
 */
export async function runPageBench(): Promise<void> {
  const executablePath = execFileSync("bash", ["scripts/setup/ensure-chromium.sh"], { cwd: ROOT, encoding: "utf8" });
  const args = ["--no-sandbox", "--disable-gpu"];
  const browser = await chromium.launch({ executablePath: executablePath.trim(), args });
  let standIn: StandIn | undefined;
  try {
    standIn = await startPage();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(120_000);
    const take = await createFrameMeasure(page);
    const inspector = page.getByRole("complementary", { name: "Inspector" });
    await page.goto(standIn.sessionUrl);
    await inspector.getByText("export const value0").first().waitFor();
    const found: Smoothness[] = [await take("open 5,000 files")];
    await scroll(page, await pointIn(inspector, 0.75));
    found.push(await take("scroll their diffs"));
    await scroll(page, await pointIn(inspector, 0.3));
    found.push(await take("scroll their list"));

    await page.reload();
    const button = inspector.getByRole("button", { name: "Show them" }).first();
    await button.waitFor();
    await take("the page again");
    await button.click();
    await inspector.getByText('"is"').first().waitFor();
    found.push(await take("open 50,000 lines"));
    await scroll(page, await pointIn(inspector, 0.75));
    found.push(await take("scroll them"));
    console.log(formatSmoothness(found));
  } finally {
    await browser.close();
    await standIn?.stop();
  }
}

/** A point in the inspector, so far down it. */
async function pointIn(inspector: Locator, share: number): Promise<{ x: number; y: number }> {
  const box = await inspector.boundingBox();
  if (box === null) throw new Error("The inspector is not in view: is the window wide enough?");
  return { x: box.x + box.width / 2, y: box.y + box.height * share };
}

/** As a wheel does: a turn each frame. */
async function scroll(page: Page, at: { x: number; y: number }): Promise<void> {
  await page.mouse.move(at.x, at.y);
  for (let step = 0; step < STEPS; step++) {
    await page.mouse.wheel(0, STEP_PX);
    await page.evaluate(NEXT_FRAME);
  }
}

function formatSmoothness(found: readonly Smoothness[]): string {
  const head = ["", "frames", "median ms", "p95 ms", "long tasks", "longest ms", "elements"];
  const rows = found.map((each) => {
    const { frames, frameMedianMs, frameP95Ms, longTasks, longestTaskMs, elements } = each;
    const figures = [frames, frameMedianMs, frameP95Ms, longTasks, longestTaskMs, elements];
    return [each.name, ...figures.map((figure) => figure.toFixed(0))];
  });
  const load = loadavg()[0]?.toFixed(1) ?? "";
  return `${formatTable([head, ...rows])}\n${cpus().length} processors, load at the end ${load}`;
}
