import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "../scripts/bundle-options.mjs";

/**
 * Bundles the server under test, so that each of its many starts takes a moment; beside the product's own bundle, where
 * native modules are found. Answers the file.
 */
export async function bundleServer(name = "faults-server.mjs"): Promise<string> {
  const outfile = fileURLToPath(new URL(`../dist/${name}`, import.meta.url));
  await build({
    ...BUNDLE_OPTIONS,
    entryPoints: [fileURLToPath(new URL("faults-server.ts", import.meta.url))],
    outfile,
    logLevel: "warning",
  });
  return outfile;
}
