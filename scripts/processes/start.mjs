import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureEnvFile } from "./env-file.mjs";
import { ensureSandboxing } from "./ensure-sandboxing.mjs";
import { failure, runMain } from "./failure.mjs";
import { checkPreconditions } from "./preflight.mjs";
import { runSystem } from "./run-system.mjs";
import { buildWebEnv, readSettings, ROOT } from "./settings.mjs";

/** `npm start`: runs what `npm run build` built. */
await runMain(async () => {
  const serverFile = join(ROOT, "packages", "server", "dist", "server.mjs");
  const built = existsSync(serverFile) && existsSync(join(ROOT, "packages", "web", ".next", "BUILD_ID"));
  if (!built) throw failure("Nothing is built yet: run `npm run build` first (or ./scripts/dev.sh to develop).");
  ensureEnvFile(ROOT);
  const settings = readSettings(ROOT, process.env);
  await checkPreconditions(settings);
  await ensureSandboxing(settings);

  const production = { NODE_ENV: "production" };
  await runSystem(settings, {
    api: {
      name: "api",
      command: process.execPath,
      args: ["--enable-source-maps", serverFile],
      cwd: ROOT,
      env: { ...settings.env, ...production },
    },
    web: {
      name: "web",
      command: "npm",
      args: ["run", "--silent", "start", "-w", "@background-agents/web"],
      cwd: ROOT,
      env: { ...buildWebEnv(settings), ...production },
    },
  });
});
