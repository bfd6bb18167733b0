/** A review comment as the prompt names it. */
export interface DemoComment {
  /** `C1` */
  name: string;
  path: string;
  /** The last of the commented lines, 1-based. */
  line: number;
  /** Of the file as it was before the changes: nothing is left there to edit. */
  old: boolean;
}

const HEAD = /^(C\d{1,4}) · (.+?), lines? (\d{1,7})(?:–(\d{1,7}))?(?: \((.*)\))?$/;

/** What ends a line of such a file without changing what it does; undefined: the script leaves such files alone. */
function remarkFor(path: string, name: string): string | undefined {
  if (/\.(md|txt|rst|adoc)$/i.test(path)) return ` (revised: ${name})`;
  if (/\.([cm]?[jt]sx?|go|rs|java|c|h|cpp|cs|php|swift|kt)$/i.test(path)) return ` // revised: ${name}`;
  if (/\.(py|rb|sh|ya?ml|toml)$/i.test(path)) return ` # revised: ${name}`;
  return undefined;
}

/** The comments of a review in a prompt, in order. */
export function readComments(prompt: string): DemoComment[] {
  return prompt.split("\n").flatMap((line) => {
    const [, name, path, first, last, notes = ""] = HEAD.exec(line) ?? [];
    if (name === undefined || path === undefined) return [];
    return [{ name, path, line: Number(last ?? first), old: notes.includes("before your changes") }];
  });
}

/** Those whose line the script can end with a remark. */
export function editableComments(comments: readonly DemoComment[]): DemoComment[] {
  return comments.filter(({ path, name, old }) => !old && !path.startsWith("/") && remarkFor(path, name) !== undefined);
}

/** One shell command a comment: its last line gets a remark at the end. */
export function reviewCommands(comments: readonly DemoComment[], quote: (word: string) => string): string[] {
  return editableComments(comments).map(({ path, line, name }) => {
    const script = `${line}s|$|${remarkFor(path, name) ?? ""}|`;
    return `sed -i ${quote(script)} -- ${quote(path)}`;
  });
}

/** A line an answer, for what the script did not edit: it names why. */
export function reviewAnswers(comments: readonly DemoComment[]): string[] {
  const edited = new Set(editableComments(comments));
  return comments
    .filter((comment) => !edited.has(comment))
    .map(({ name, path, old }) =>
      old
        ? `${name}: The scripted demo cannot bring back lines of ${path} that are gone.`
        : `${name}: The scripted demo does not edit files like ${path}.`,
    );
}
