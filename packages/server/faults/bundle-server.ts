import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles the server under test, so that each of its many starts takes a moment; beside the product's own bundle, where
 * native modules are found. Answers the file.
 */
export async function bundleServer(name = "faults-server.mjs"): Promise<string> {
  const outfile = fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
  await build({
    entryPoints: [fileURLToPath(new URL("faults-server.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: true,
    external: ["better-sqlite3", "cpu-features", "ssh2", "pino-pretty"],
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        "import { fileURLToPath as __fileURLToPath } from 'node:url';",
        "import { dirname as __dirnameOf } from 'node:path';",
        "const require = __createRequire(import.meta.url);",
        "const __filename = __fileURLToPath(import.meta.url);",
        "const __dirname = __dirnameOf(__filename);",
      ].join("\n"),
    },
    logLevel: "warning",
  });
  return outfile;
}
