import { defineConfig } from "vitest/config";

/** The supervisor against the real, pinned OpenCode (`scripts/setup/ensure-opencode.sh`). One file at a time: each starts it. */
export default defineConfig({
  test: {
    name: "sandbox-opencode",
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
