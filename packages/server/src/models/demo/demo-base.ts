/** A base to follow, as the server asks for it. */
export interface DemoBaseUpdate {
  how: "merge" | "rebase";
  tip: string;
  /** Where it is fetched from, and which branch. */
  from: string;
  branch: string;
}

const FETCH = /^1\. git fetch (\S+) (\S+)$/m;
const FOLLOW = /^2\. git (merge|rebase) ([0-9a-f]{40})$/m;

/** The base that a prompt asks to follow; undefined where it asks for none. */
export function readBaseUpdate(prompt: string): DemoBaseUpdate | undefined {
  const [, from, branch] = FETCH.exec(prompt) ?? [];
  const [, how, tip] = FOLLOW.exec(prompt) ?? [];
  if (from === undefined || branch === undefined || tip === undefined) return undefined;
  return { how: how === "rebase" ? "rebase" : "merge", tip, from, branch };
}

/** A rebase may stop at each of its commits; a script that gets nowhere ends after so many. */
const MOST_STOPS = 50;

/**
 * One shell command that does it. Where both sides changed a line the script keeps both, one after the other: it cannot
 * weigh them.
 */
export function baseUpdateCommand({ how, tip, from, branch }: DemoBaseUpdate, quote: (word: string) => string): string {
  const markers = "/^<<<<<<< /,/^>>>>>>> /{/^<<<<<<< /d;/^=======$/d;/^>>>>>>> /d}";
  const keepBoth =
    `keep_both() { git diff --name-only --diff-filter=U; ` +
    `git diff -z --name-only --diff-filter=U | xargs -0 -r sed -i -e ${quote(markers)} --; git add -u; }`;
  const fetch = `git fetch --quiet ${quote(from)} ${quote(branch)}`;
  const follow =
    how === "merge"
      ? `git merge --no-edit ${tip} || { keep_both && git commit --no-edit; }`
      : `git rebase ${tip} || for stop in $(seq ${MOST_STOPS}); do keep_both; ` +
        `git -c core.editor=true rebase --continue && break; done`;
  return [keepBoth, fetch, follow, "git status --short --branch"].join("\n");
}
