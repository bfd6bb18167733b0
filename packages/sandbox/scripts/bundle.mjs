// Bundles the image's programs (the supervisor, and what stands behind git, gh and ssh in the sandbox), a file each, with
// the host's certificates beside them and the hash of all inputs.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));

/** The host's CA bundle, or undefined where the system keeps none in a file (macOS). */
function hostCertificates() {
  const named = process.env.EXTRA_CA_CERTS?.replace(/^~(?=\/)/, homedir());
  if (named && !existsSync(named)) throw new Error(`EXTRA_CA_CERTS names ${named}, which does not exist.`);
  return [named, "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"].find(
    (path) => path && existsSync(path),
  );
}

await mkdir(at("dist"), { recursive: true });

await build({
  entryPoints: {
    supervisor: at("src/main.ts"),
    "git-remote": at("src/git-remote-main.ts"),
    gh: at("src/gh-main.ts"),
    connect: at("src/connect-main.ts"),
  },
  outdir: at("dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node22",
  format: "esm",
  minifyWhitespace: true,
  legalComments: "none",
  // ws looks for optional native accelerators and does without them.
  external: ["bufferutil", "utf-8-validate"],
  banner: {
    js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`,
  },
  logLevel: "warning",
});

const certificates = hostCertificates();
if (certificates) await copyFile(certificates, at("dist/ca-certificates.crt"));
else await writeFile(at("dist/ca-certificates.crt"), "");

const hash = createHash("sha256");
const programs = ["supervisor", "git-remote", "gh", "connect"].map((name) => `dist/${name}.mjs`);
for (const path of ["Dockerfile", ".dockerignore", ...programs, "dist/ca-certificates.crt"]) {
  const content = await readFile(at(path));
  hash.update(`${path} ${content.length}\n`).update(content);
}
await writeFile(at("dist/input-hash"), `${hash.digest("hex")}\n`);
