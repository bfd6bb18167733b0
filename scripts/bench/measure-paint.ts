import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "@playwright/test";
import { createApi, type Api } from "../../e2e/api.ts";
import { startSystem } from "../../e2e/start-system.ts";
import { ROOT } from "../processes/settings.mjs";
import { git } from "./git-command-process.ts";

/** A line that the demo's turn writes into its notes: the first file of the diff. */
const WRITTEN = "Written by the scripted demo model";

/**
 * How long a browser takes from a session's address to its first diff on the screen, in ms: a real session on a clone of
 * the repository, after a turn of the demo model. The first sample warms up and is dropped. Needs Docker and `npm run build`.
 */
export async function measurePaint(
  repositoryPath: string,
  { samples, onSample }: { samples: number; onSample: (text: string) => void },
): Promise<number[]> {
  const system = await startSystem({ DEMO_PACE_MS: "0" });
  const executablePath = execFileSync("bash", ["scripts/setup/ensure-chromium.sh"], { cwd: ROOT, encoding: "utf8" });
  const browser = await chromium.launch({ executablePath: executablePath.trim(), args: ["--no-sandbox"] });
  try {
    const repository = join(system.reposDir, "large");
    await git(system.reposDir, "clone", "--quiet", "--local", repositoryPath, repository);
    const api = createApi(system);
    const body = { repository, model: "demo/scripted", prompt: { text: "Begin the notes" } };
    const { id } = await api.create(body);
    await untilDone(api, id);
    const found: number[] = [];
    for (let round = 0; round <= samples; round++) {
      const page = await browser.newPage();
      const since = performance.now();
      await page.goto(`${new URL(system.url).origin}/sessions/${id}${new URL(system.url).hash}`);
      const inspector = page.getByRole("complementary", { name: "Inspector" });
      await inspector.getByText(WRITTEN).first().waitFor({ timeout: 120_000 });
      found.push(performance.now() - since);
      await page.close();
      onSample(`first diff on the screen: ${Math.round(found.at(-1) ?? 0)} ms`);
    }
    return found.slice(1);
  } finally {
    await browser.close();
    await system.stop();
  }
}

async function untilDone(api: Api, id: string): Promise<void> {
  for (;;) {
    const { prompts } = await api.session(id);
    const { status, error } = prompts[0] ?? {};
    if (status === "completed") return;
    if (status === "failed") throw new Error(`the turn failed: ${error?.message}`);
    await pause(500);
  }
}
