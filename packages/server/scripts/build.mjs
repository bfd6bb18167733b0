import { build } from "esbuild";
import { BUNDLE_OPTIONS } from "./bundle-options.mjs";

await build({
  ...BUNDLE_OPTIONS,
  entryPoints: [new URL("../src/main.ts", import.meta.url).pathname],
  outfile: new URL("../dist/server.mjs", import.meta.url).pathname,
  logLevel: "info",
});
