const WORDS: Record<string, string> = {
  bash: "run a command",
  edit: "change files",
  read: "read files",
  webfetch: "fetch an address",
  websearch: "search the web",
  external_directory: "leave the working tree",
  doom_loop: "do the same thing again",
  task: "start a helper",
  skill: "use a skill",
};

/** What a kind of permission lets the agent do: `run a command`. A kind unknown here is named as it is. */
export function permissionWords(permission: string): string {
  return WORDS[permission] ?? `use ${permission}`;
}
