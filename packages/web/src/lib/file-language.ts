const BY_EXTENSION: Record<string, string> = {
  bash: "shellscript", c: "c", cc: "cpp", cjs: "javascript", cpp: "cpp", cs: "csharp", css: "css", cts: "typescript",
  dart: "dart", diff: "diff", ex: "elixir", exs: "elixir", go: "go", graphql: "graphql", h: "c", hpp: "cpp", hs: "haskell",
  html: "html", java: "java", js: "javascript", json: "json", jsonc: "jsonc", jsx: "jsx", kt: "kotlin", less: "less",
  lua: "lua", md: "markdown", mdx: "mdx", mjs: "javascript", mts: "typescript", php: "php", proto: "proto", py: "python",
  rb: "ruby", rs: "rust", scala: "scala", scss: "scss", sh: "shellscript", sql: "sql", svelte: "svelte", swift: "swift",
  tf: "terraform", toml: "toml", ts: "typescript", tsx: "tsx", vue: "vue", xml: "xml", yaml: "yaml", yml: "yaml",
  zig: "zig", zsh: "shellscript",
};

const BY_NAME: Record<string, string> = { dockerfile: "docker", makefile: "make", "cmakelists.txt": "cmake" };

/** The highlighter's name for the language of a file; null where it is not known. */
export function languageOfFile(path: string): string | null {
  const name = path.split("/").at(-1)?.toLowerCase() ?? "";
  const extension = name.includes(".") ? (name.split(".").at(-1) ?? "") : "";
  return BY_NAME[name] ?? BY_EXTENSION[extension] ?? null;
}
