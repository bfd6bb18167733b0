import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { defineConfig, devices } from "@playwright/test";

const root = resolve(import.meta.dirname, "..");
const chromium = execFileSync("bash", ["scripts/setup/ensure-chromium.sh"], { cwd: root, encoding: "utf8" }).trim();

/** Everything real: the built server and page, Docker, OpenCode, Chromium. Needs `npm run build` first. */
export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: "../test-results",
  globalSetup: "./global-setup.ts",
  // Two cores carry one test's sandboxes well. Each worker has a system of its own, so `--workers=2` is possible.
  workers: 1,
  fullyParallel: true,
  forbidOnly: process.env["CI"] !== undefined,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    // Without its film, which takes an eighth of the time on two cores: the page as it was at each step is in the trace all the same.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
