import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commitFiles, plainGit, writeFiles } from "../../src/repositories/testing/git-fixture.ts";
import { zipOf } from "../../src/testing/zip-archive.ts";

/** What a stand-in answers, by host and path. */
export type MadeFiles = Map<string, Buffer>;

export const CODE_HOST = "code.example.com";

const sha256 = (data: Buffer | string): Buffer => createHash("sha256").update(data).digest();

/** A package for each of the tools, as their registries serve them, and the projects that ask for them. */
export function makePackages(directory: string): { files: MadeFiles; projects: Record<string, string> } {
  const files: MadeFiles = new Map();
  const serve = (address: string, content: string | Buffer): void => void files.set(address, Buffer.from(content));
  const go = makeModule(serve);
  makeWheel(serve);
  makeCrate(serve, directory);
  makeParent(serve);
  return {
    files,
    projects: {
      "rust/Cargo.toml": '[package]\nname = "project"\nversion = "1.0.0"\n[dependencies]\nmade-crate = "1"\n',
      "rust/src/main.rs": 'fn main() { println!("{}", made_crate::word()); }\n',
      "go/go.mod": `module project\n\ngo 1.19\n\nrequire ${go.module} v1.0.0\n`,
      "go/go.sum": go.sum,
      "go/main.go": `package main\n\nimport "${go.module}"\n\nfunc main() { println(made.Word()) }\n`,
      "java/pom.xml": pom("project", `<parent>${coordinates("made-parent")}</parent>`),
    },
  };
}

type Serve = (address: string, content: string | Buffer) => void;

function makeWheel(serve: Serve): void {
  const file = "made_package-1.0-py3-none-any.whl";
  const about = "made_package-1.0.dist-info";
  const wheel = zipOf({
    "made_package/__init__.py": 'word = "made for Python"\n',
    [`${about}/METADATA`]: "Metadata-Version: 2.1\nName: made-package\nVersion: 1.0\n",
    [`${about}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${about}/RECORD`]: ["made_package/__init__.py", `${about}/METADATA`, `${about}/WHEEL`, `${about}/RECORD`]
      .map((path) => `${path},,\n`)
      .join(""),
  });
  const link = `https://files.pythonhosted.org/${file}#sha256=${sha256(wheel).toString("hex")}`;
  serve("pypi.org/simple/made-package/", `<!doctype html><a href="${link}">${file}</a>`);
  serve(`files.pythonhosted.org/${file}`, wheel);
}

function makeCrate(serve: Serve, directory: string): void {
  const name = "made-crate-1.0.0";
  writeFiles(join(directory, "crate"), {
    [`${name}/Cargo.toml`]: '[package]\nname = "made-crate"\nversion = "1.0.0"\n',
    [`${name}/src/lib.rs`]: 'pub fn word() -> &\'static str { "made for Rust" }\n',
  });
  const archive = join(directory, "crate.tar.gz");
  execFileSync("tar", ["-czf", archive, "-C", join(directory, "crate"), name]);
  const crate = readFileSync(archive);
  const entry = { name: "made-crate", vers: "1.0.0", deps: [], features: {}, yanked: false };
  serve("index.crates.io/config.json", '{"dl":"https://static.crates.io/crates","api":"https://crates.io"}');
  serve("index.crates.io/ma/de/made-crate", JSON.stringify({ ...entry, cksum: sha256(crate).toString("hex") }));
  serve("static.crates.io/crates/made-crate/1.0.0/download", crate);
}

/** With its checksums, as a project keeps them: so the public database of checksums need not know the module. */
function makeModule(serve: Serve): { module: string; sum: string } {
  const module = "made.example/made";
  const goMod = `module ${module}\n\ngo 1.19\n`;
  const contents = {
    [`${module}@v1.0.0/go.mod`]: goMod,
    [`${module}@v1.0.0/made.go`]: 'package made\n\nfunc Word() string { return "made for Go" }\n',
  };
  const at = `proxy.golang.org/${module}/@v/v1.0.0`;
  serve(`${at}.info`, '{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}');
  serve(`${at}.mod`, goMod);
  serve(`${at}.zip`, zipOf(contents));
  const sum = `${module} v1.0.0 ${hashOfFiles(contents)}\n${module} v1.0.0/go.mod ${hashOfFiles({ "go.mod": goMod })}\n`;
  return { module, sum };
}

/** The hash that go.sum holds: of a list of the files' own hashes. */
function hashOfFiles(contents: Readonly<Record<string, string>>): string {
  const lines = Object.entries(contents).map(([path, content]) => `${sha256(content).toString("hex")}  ${path}\n`);
  return `h1:${sha256(lines.sort().join("")).toString("base64")}`;
}

const coordinates = (name: string): string =>
  `<groupId>made.example</groupId><artifactId>${name}</artifactId><version>1.0</version>`;
const pom = (name: string, more = ""): string =>
  `<project><modelVersion>4.0.0</modelVersion>${more}${coordinates(name)}<packaging>pom</packaging></project>\n`;

/** A parent is all that Maven fetches without plugins, of which even the least project wants dozens. */
function makeParent(serve: Serve): void {
  const content = pom("made-parent");
  const at = "repo.maven.apache.org/maven2/made/example/made-parent/1.0/made-parent-1.0.pom";
  serve(at, content);
  serve(`${at}.sha1`, createHash("sha1").update(content).digest("hex"));
}

/** A repository to be cloned from `CODE_HOST`; answers the directory that holds it. */
export function makeCodeHost(directory: string): string {
  const root = join(directory, "code");
  const source = join(directory, "source");
  mkdirSync(source);
  plainGit(source, ["init", "-q", "-b", "main"]);
  commitFiles(source, { "word.txt": "made for git\n" });
  plainGit(directory, ["clone", "-q", "--bare", source, join(root, "made.git")]);
  return root;
}
