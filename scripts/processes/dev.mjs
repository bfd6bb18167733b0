import { join } from "node:path";
import { ensureDependencies } from "../setup/ensure-dependencies.mjs";
import { ensureEnvFile } from "./env-file.mjs";
import { ensureSandboxing } from "./ensure-sandboxing.mjs";
import { runMain } from "./failure.mjs";
import { checkPreconditions } from "./preflight.mjs";
import { runSystem } from "./run-system.mjs";
import { buildWebEnv, readSettings, ROOT } from "./settings.mjs";
import { watchSources } from "./watch-sources.mjs";

/** Behind `scripts/dev.sh`: sets up what is missing, then runs API and page with hot reload. */
await runMain(async () => {
  if (ensureEnvFile(ROOT)) console.log("Made .env from .env.example: keys and settings go there.");
  const settings = readSettings(ROOT, process.env);
  await checkPreconditions(settings);
  await ensureDependencies(ROOT, settings.env);
  await ensureSandboxing(settings);

  const serverDir = join(ROOT, "packages", "server");
  await runSystem(settings, {
    // Not `tsx watch`: that waits for an edit after a crash, and we start the API again.
    api: {
      name: "api",
      command: process.execPath,
      args: ["--enable-source-maps", "--import", "tsx", "src/main.ts"],
      cwd: serverDir,
      env: settings.env,
    },
    web: {
      name: "web",
      command: "npm",
      args: ["run", "--silent", "dev", "-w", "@background-agents/web"],
      cwd: ROOT,
      env: buildWebEnv(settings),
    },
    watch: (renewApi) => watchSources([join(serverDir, "src"), join(ROOT, "packages", "shared", "src")], renewApi),
  });
});
