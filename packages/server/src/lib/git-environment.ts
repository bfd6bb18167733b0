/**
 * Where a git command gets its configuration from.
 * - `isolated` (default): nothing of the user or the system, only the repository's own; the only transport is a local path.
 * - `user`: the user's configuration, SSH agent and credential helpers; for cloning by URL and reading their name.
 */
export type GitTrust = "isolated" | "user";

/** Settings that hold for every call: no hook, monitor or maintenance of any repository ever runs. */
const ALWAYS = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "gc.auto=0",
  "maintenance.auto=false",
];

const ISOLATED = [
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "credential.helper=",
  "protocol.version=2",
  "protocol.allow=never",
  "protocol.file.allow=always",
];

/** Variables that point git at another repository or slip configuration in; a server started from a hook has them. */
const LEAKING =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX|CONFIG.*|TRACE.*|EXTERNAL_DIFF|EXEC_PATH)$/;

/** What only the server needs: no helper of git's ever does. */
const OURS = /^(ANTHROPIC|OPENAI)_API_KEY$/;

/** The options that stand before git's subcommand. */
export function gitOptions(trust: GitTrust): string[] {
  const settings = trust === "user" ? ALWAYS : [...ALWAYS, ...ISOLATED];
  return ["--no-pager", "--literal-pathspecs", ...settings.flatMap((setting) => ["-c", setting])];
}

/**
 * The environment of a git command. An isolated one is made from nothing but `PATH`, `HOME` and `TMPDIR`, so that no
 * key of the server's environment reaches it.
 */
export function gitEnvironment(inherited: NodeJS.ProcessEnv, trust: GitTrust): Record<string, string> {
  const quiet = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", GIT_LFS_SKIP_SMUDGE: "1" };
  const entries = Object.entries(inherited).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (trust === "user") {
    return { ...Object.fromEntries(entries.filter(([name]) => !LEAKING.test(name) && !OURS.test(name))), ...quiet };
  }
  return {
    ...Object.fromEntries(entries.filter(([name]) => ["PATH", "HOME", "TMPDIR"].includes(name))),
    ...quiet,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
  };
}

/**
 * Settings for one git call that stand in no argument list, where other users of the machine could read them. They
 * replace what the user's configuration says; a setting of `gitOptions` wins over them.
 */
export function configVariables(settings: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) };
  for (const [at, [name, value]] of settings.entries()) {
    variables[`GIT_CONFIG_KEY_${at}`] = name;
    variables[`GIT_CONFIG_VALUE_${at}`] = value;
  }
  return variables;
}
