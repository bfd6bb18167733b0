/** A host with the reason why it is there. `*.` before the name means: each name below it, not the name itself. */
export interface EgressRule {
  host: string;
  why: string;
}

/** Where registries are reached: none of them needs more, and what is not encrypted could be anybody's. */
export const REGISTRY_PORTS: readonly number[] = [443];

/**
 * Package registries and the hosts their downloads come from, for `allowlist`. They remain a way out (a package can be
 * published, a query can carry text), which the security notes say. Left out on purpose: code hosts such as
 * github.com, where anything can be pushed or posted (so PHP packages whose archives lie there do not install), and
 * Debian's archive, since nothing inside a sandbox can become root to use it.
 */
export const REGISTRY_PRESET: readonly EgressRule[] = [
  { host: "registry.npmjs.org", why: "npm, pnpm: metadata and tarballs" },
  { host: "registry.yarnpkg.com", why: "Yarn 1: its name for the npm registry, written in lock files" },
  { host: "repo.yarnpkg.com", why: "Yarn 2 and later: Yarn itself, through corepack" },
  { host: "npm.jsr.io", why: "JSR packages for npm clients" },
  { host: "jsr.io", why: "JSR packages for Deno" },
  { host: "nodejs.org", why: "headers that node-gyp needs to compile native modules" },
  { host: "pypi.org", why: "pip, uv, poetry: the index" },
  { host: "files.pythonhosted.org", why: "pip, uv, poetry: the files" },
  { host: "index.crates.io", why: "Cargo: the sparse index" },
  { host: "static.crates.io", why: "Cargo: the files" },
  { host: "crates.io", why: "Cargo: the address that downloads are redirected from" },
  { host: "proxy.golang.org", why: "Go: modules and toolchains" },
  { host: "sum.golang.org", why: "Go: checksums" },
  { host: "repo.maven.apache.org", why: "Maven Central" },
  { host: "repo1.maven.org", why: "Maven Central under its other name" },
  { host: "plugins.gradle.org", why: "Gradle: plugin index" },
  { host: "plugins-artifacts.gradle.org", why: "Gradle: plugin files" },
  { host: "rubygems.org", why: "RubyGems: API and files" },
  { host: "index.rubygems.org", why: "RubyGems: the compact index" },
  { host: "repo.packagist.org", why: "Composer: metadata" },
  { host: "packagist.org", why: "Composer: metadata under its older name" },
  { host: "api.nuget.org", why: "NuGet: index and files" },
  { host: "repo.hex.pm", why: "Hex: packages for Elixir and Erlang" },
  { host: "pub.dev", why: "Dart and Flutter packages" },
];
