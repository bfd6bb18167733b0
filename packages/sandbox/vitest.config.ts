import { defineConfig } from "vitest/config";

/**
 * The supervisor against the real, pinned OpenCode (`scripts/setup/ensure-opencode.sh`). Two files at a time, on any
 * machine: each has an agent of its own, which waits more than it works.
 */
export default defineConfig({
  test: {
    name: "sandbox-opencode",
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
