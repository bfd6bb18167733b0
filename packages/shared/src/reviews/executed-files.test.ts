import { describe, expect, it } from "vitest";
import { findExecutor } from "./executed-files.ts";

const EXECUTED = [
  ".github/workflows/ci.yml",
  ".gitlab-ci.yml",
  ".circleci/config.yml",
  "Jenkinsfile",
  ".vscode/tasks.json",
  "packages/a/.vscode/settings.json",
  ".idea/workspace.xml",
  ".envrc",
  "deep/down/.envrc",
  ".husky/pre-commit",
  ".githooks/pre-push",
  "scripts/hooks/post-checkout",
  ".pre-commit-config.yaml",
  "lefthook.yml",
  "package.json",
  "packages/web/package.json",
  "Makefile",
  "GNUmakefile",
  "rules.mk",
  "Dockerfile",
  "docker/Dockerfile.dev",
  "docker-compose.yml",
  "setup.py",
  "tests/conftest.py",
  "build.rs",
  ".cargo/config.toml",
  "app/build.gradle.kts",
  ".devcontainer/devcontainer.json",
  ".gitattributes",
  ".gitmodules",
  ".npmrc",
  ".yarnrc.yml",
  ".pnp.cjs",
  "Rakefile",
  "Gemfile",
  "justfile",
  "AGENTS.md",
  ".mcp.json",
  "vite.config.ts",
  ".eslintrc.cjs",
  // File systems that ignore case open these as the ones above.
  ".GitHub/Workflows/ci.yml",
  ".ENVRC",
];

const HARMLESS = [
  "src/index.ts",
  "README.md",
  "docs/package.json.md",
  "src/hooks/use-session.ts",
  "src/hooks/pre.md/notes.txt.bak",
  "makefile-notes.md",
  "src/dockerfile/parse.ts",
  "environment.ts",
  "assets/husky.png",
  "lib/config.ts",
  "src/vite/plugin.ts",
];

const EXECUTED_LINKS = [
  ".vscode",
  "packages/a/.VSCode",
  ".github",
  ".github/workflows",
  ".circleci",
  ".husky",
  ".devcontainer",
  ".cargo",
  "gradle/wrapper",
  ".claude",
  ".envrc",
];

const HARMLESS_LINKS = ["docs", "src/vscode", "current", "packages/a", "workflows", "src/.vscode.md"];

describe("findExecutor", () => {
  it.each(EXECUTED)("%s is executed, and the sentence says by what", (path) => {
    expect(findExecutor(path)).toMatch(/^[A-Za-z].*\.$/);
  });

  it.each(HARMLESS)("%s is not", (path) => {
    expect(findExecutor(path)).toBeNull();
  });

  it.each(EXECUTED_LINKS)("a link at %s brings what is executed", (path) => {
    expect(findExecutor(path, "link")).toMatch(/^[A-Za-z].*\.$/);
  });

  it.each(HARMLESS_LINKS)("a link at %s does not", (path) => {
    expect(findExecutor(path, "link")).toBeNull();
  });

  it("takes no file for a folder", () => {
    expect(findExecutor(".vscode")).toBeNull();
  });
});
