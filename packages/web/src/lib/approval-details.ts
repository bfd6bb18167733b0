/** What an approval is about, sorted by how it is shown. */
export interface ApprovalFacts {
  /** `name: value`, in order. */
  facts: { name: string; value: string }[];
  /** Subjects of commits. */
  commits: string[];
  /** Files that tools execute, with why. */
  executed: string[];
  /** The text of a pull request. */
  text: string | null;
}

/** Pure: the lines of an approval's details. A line of no known form is a fact without a name. */
export function readApprovalDetails(details: readonly string[]): ApprovalFacts {
  const read: ApprovalFacts = { facts: [], commits: [], executed: [], text: null };
  for (const line of details) {
    const [, name, value] = /^([a-z][a-z ]{0,23}): ([\s\S]*)$/i.exec(line) ?? [];
    if (line.startsWith("· ")) read.commits.push(line.slice(2));
    else if (name === "executed" && value !== undefined) read.executed.push(value);
    else if (name === "text" && value !== undefined) read.text = value;
    else if (name !== undefined && value !== undefined) read.facts.push({ name, value });
    else read.facts.push({ name: "", value: line });
  }
  return read;
}
