import { availableParallelism } from "node:os";
import { configDefaults, defineConfig } from "vitest/config";

/**
 * The quick tests. What needs the real OpenCode (packages/sandbox/vitest.config.ts) and what needs Docker and Chromium
 * (e2e/playwright.config.ts) has a runner of its own; `scripts/test.sh` runs all of them, quick first.
 */
export default defineConfig({
  test: {
    // Git and SSH, which most tests wait for, run beside the worker that asked for them.
    maxWorkers: availableParallelism(),
    // Not a measure of speed: only what never ends is ended.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    exclude: [...configDefaults.exclude, "**/dist/**", "**/.next/**", "packages/sandbox/test/**"],
    projects: [
      { extends: true, test: { name: "shared", include: ["packages/shared/src/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "server", include: ["packages/server/{src,test,faults,attacks}/**/*.test.ts"] },
      },
      { extends: true, test: { name: "sandbox", include: ["packages/sandbox/src/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "web",
          include: ["packages/web/src/**/*.test.{ts,tsx}"],
          setupFiles: ["packages/web/src/testing/wait-patiently.ts"],
        },
      },
      { extends: true, test: { name: "scripts", include: ["scripts/**/*.test.ts"] } },
    ],
  },
});
