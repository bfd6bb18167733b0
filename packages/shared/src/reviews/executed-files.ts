/** A row: which paths (lower case, `/` between folders), and what runs such a file, as a phrase for "is executed by …". */
type Rule = readonly [path: RegExp, why: string];

const CI = "The CI runs it, with the repository's secrets.";
const EDITOR = "The editor runs tasks or tools from it.";
const GIT_HOOKS = "git runs it as a hook where hooks are installed from here.";
const SHELL = "The shell runs it when you enter the directory.";
const BUILD = "The build runs it.";
const AGENTS = "Coding agents take commands or instructions from it.";

/**
 * Files that tools execute, or take commands from, without being asked each time. First match counts. Compared in lower
 * case, as file systems that ignore case would open them.
 */
const RULES: readonly Rule[] = [
  [/^\.github\/(workflows|actions)\//, CI],
  [/(^|\/)action\.ya?ml$/, CI],
  [/^\.gitlab-ci(\.ya?ml|\/)|^\.gitlab\/ci\//, CI],
  [/^\.(circleci|buildkite|forgejo|gitea|woodpecker|semaphore|teamcity)\//, CI],
  [
    /^(\.woodpecker|\.drone|\.travis|\.cirrus|\.appveyor|appveyor|bitbucket-pipelines|azure-pipelines|cloudbuild|buildspec|wercker)\.ya?ml$/,
    CI,
  ],
  [/(^|\/)jenkinsfile(\.[^/]+)?$/, CI],
  [/^\.github\/dependabot\.ya?ml$/, "A bot acts on the repository by it."],
  [/(^|\/)\.vscode\/(tasks|launch|settings|mcp|extensions)\.json$|\.code-workspace$/, EDITOR],
  [/(^|\/)\.(idea|fleet|zed|run|vs)\//, EDITOR],
  [/(^|\/)\.(vimrc|exrc|nvimrc|nvim\.lua|lvimrc|dir-locals\.el|dir-locals-2\.el|lazy\.lua)$/, EDITOR],
  [/(^|\/)\.(cursor|claude|opencode|codex|gemini)\/|(^|\/)(\.mcp|opencode)\.jsonc?$/, AGENTS],
  [/(^|\/)(agents|claude|gemini)\.md$|(^|\/)\.(cursorrules|windsurfrules|clinerules)$/, AGENTS],
  [/(^|\/)\.(envrc|autoenv\.zsh|autoenv|tool-versions|mise\.toml)$|(^|\/)\.?mise(\.[^/]+)?\.toml$/, SHELL],
  [/(^|\/)\.(husky|githooks|git-hooks)\//, GIT_HOOKS],
  [
    /(^|\/)hooks\/(pre|post|commit-msg|prepare-commit-msg|update|applypatch|fsmonitor|sendemail|reference-transaction|push-to-checkout|proc-receive)[^/]*$/,
    GIT_HOOKS,
  ],
  [/(^|\/)\.?(pre-commit-config|lefthook(-local)?|overcommit)\.(ya?ml|toml|json)$/, GIT_HOOKS],
  [
    /(^|\/)\.(lintstagedrc|simple-git-hooks)(\.[^/]+)?$|(^|\/)(lint-staged|simple-git-hooks)\.config\.[^/]+$/,
    GIT_HOOKS,
  ],
  [/(^|\/)\.(gitattributes|gitmodules|lfsconfig)$/, "git chooses filters, drivers and submodules by it."],
  [/(^|\/)package\.json$/, "npm runs its scripts, some of them at installation."],
  [
    /(^|\/)(\.npmrc|\.yarnrc(\.ya?ml)?|\.pnpmfile\.c?js|pnpmfile\.c?js|bunfig\.toml|\.pnp\.c?js|\.pnp\.loader\.mjs)$/,
    "The package manager takes commands and sources from it.",
  ],
  [/(^|\/)\.yarn\/(plugins|releases)\//, "The package manager runs it."],
  [
    /(^|\/)(binding\.gyp|setup\.py|setup\.cfg|pyproject\.toml|pip\.conf|hatch_build\.py|noxfile\.py|tox\.ini)$/,
    "Installing or testing the package runs it.",
  ],
  [/(^|\/)(conftest\.py|sitecustomize\.py|usercustomize\.py)$|\.pth$/, "Python runs it before anything else."],
  [/(^|\/)(build\.rs|\.cargo\/config(\.toml)?|rust-toolchain(\.toml)?)$/, "cargo runs it, or takes commands from it."],
  [/\.gradle(\.kts)?$|(^|\/)(gradlew(\.bat)?|mvnw(\.cmd)?|pom\.xml|build\.xml|build\.sbt)$/, BUILD],
  [/(^|\/)(gradle\/wrapper|\.mvn)\//, BUILD],
  [/(^|\/)(directory\.build\.(props|targets)|nuget\.config)$|\.(csproj|fsproj|vbproj|vcxproj|targets)$/, BUILD],
  [/(^|\/)(gnu)?makefile(\.[^/]+)?$|\.mk$/, "make runs its commands."],
  [
    /(^|\/)(\.?justfile|taskfile\.ya?ml|rakefile|gemfile|guardfile|fastfile|podfile|vagrantfile|procfile|tiltfile|earthfile)(\.[^/]+)?$|\.(rake|gemspec)$/,
    "A task runner or package manager runs it.",
  ],
  [
    /(^|\/)(cmakelists\.txt|meson\.build|configure(\.ac)?|sconstruct|wscript|build\.zig|mix\.exs|package\.swift|flake\.nix|shell\.nix|default\.nix|build(\.bazel)?|workspace(\.bazel)?|module\.bazel|\.bazelrc|\.buckconfig)$/,
    BUILD,
  ],
  [
    /(^|\/)(dockerfile|containerfile)(\.[^/]+)?$|\.dockerfile$|(^|\/)(docker-)?compose(\.[^/]+)?\.ya?ml$/,
    "Building or starting the container runs it.",
  ],
  [/(^|\/)\.devcontainer(\/|\.json$)|(^|\/)\.gitpod\.ya?ml$/, "The editor builds and starts a container from it."],
  [
    /(^|\/)\.?(eslintrc|prettierrc|babelrc|mocharc|stylelintrc)(\.[^/]+)?$/,
    "Editors and checkers load it, code included.",
  ],
  [
    /(^|\/)(eslint|prettier|babel|vite|vitest|jest|webpack|rollup|next|nuxt|svelte|astro|tailwind|postcss|playwright|karma|metro|stylelint|commitlint|turbo|tsup|esbuild|cypress|gulpfile|gruntfile)(\.config)?(\.[a-z]+)?\.[cm]?[jt]s$|(^|\/)(gulpfile|gruntfile)\.[^/]+$/,
    "Editors, tests and builds load it as code.",
  ],
];

/** Folders that rules above name single files or folders in: a link in their place brings such files from elsewhere. */
const FOLDERS: readonly Rule[] = [
  [/^\.(github|gitlab)$/, CI],
  [/(^|\/)\.vscode$/, EDITOR],
  [/(^|\/)hooks$/, GIT_HOOKS],
  [/(^|\/)\.yarn$/, "The package manager runs it."],
  [/(^|\/)\.cargo$/, "cargo runs it, or takes commands from it."],
  [/(^|\/)gradle$/, BUILD],
];

/**
 * Why a tool on the user's machine or in the CI would execute the file at `path`, in one sentence; null where none does.
 * A link counts as what would be there without it too: a file, or a folder of files that are executed.
 */
export function findExecutor(path: string, kind: "file" | "link" | "submodule" = "file"): string | null {
  const lower = path.toLowerCase();
  const byPath = RULES.find(([pattern]) => pattern.test(lower));
  if (byPath || kind !== "link") return byPath?.[1] ?? null;
  const asFolder = RULES.find(([pattern]) => pattern.test(`${lower}/`)) ?? FOLDERS.find(([at]) => at.test(lower));
  return asFolder?.[1] ?? null;
}
