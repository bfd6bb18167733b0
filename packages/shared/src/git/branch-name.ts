/** All branches the product makes in a user's repository stand under this prefix. */
export const BRANCH_PREFIX = "agents/";

const MAX_WORDS_LENGTH = 48;

/**
 * The branch of a session: `agents/<words of the title>-<last 6 characters of the id>`.
 * Only a–z, 0–9 and single hyphens: valid as a ref, as a directory, in a URL and in a shell.
 */
export function sessionBranch(title: string, sessionId: string): string {
  const words = title
    .normalize("NFKD")
    .replace(/\p{Mark}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "");
  const cut = words.length > MAX_WORDS_LENGTH ? words.slice(0, MAX_WORDS_LENGTH).replace(/-[^-]*$/, "") : words;
  const slug = [cut.replace(/-+$/, ""), sessionId.slice(-6)].filter(Boolean).join("-");
  return `${BRANCH_PREFIX}${slug}`;
}

/** A title from a prompt's first line, at most 80 characters, cut between words. */
export function titleFromPrompt(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.replace(/\s+/g, " ").trim() ?? "";
  if (line.length <= 80) return line;
  const cut = line.slice(0, 80);
  const space = cut.lastIndexOf(" ");
  return `${space > 40 ? cut.slice(0, space) : cut}…`;
}
