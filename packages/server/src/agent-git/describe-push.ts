import type { Approval } from "@background-agents/shared/sessions/approval";
import type { ChangedFile, Session } from "@background-agents/shared/sessions/session";

export interface DescribePushDeps {
  /** Subjects of the commits in `from..to`, newest first, and how many there are. */
  listSubjects(session: Session, range: { from: string; to: string }): Promise<{ count: number; subjects: string[] }>;
  listChanges(session: Session, range: { from: string; to: string }): Promise<ChangedFile[]>;
}

export interface DescribedPush {
  commit: string;
  branch: string;
  remote: { name: string; url: string };
}

const EXECUTED_LISTED = 20;

/**
 * Lists what is new since the remote's state of the branch, as far as the server knows it. A commit that was pushed and
 * could not be kept is not there to compare with: then all since the session's base counts as new.
 */
async function listNew<T>(session: Session, branch: string, list: (from: string) => Promise<T>): Promise<T> {
  const { push: last, baseCommit } = session;
  if (last?.branch !== branch || last.commit === baseCommit) return list(baseCommit);
  return list(last.commit).catch(() => list(baseCommit));
}

/** What the user decides on: where it goes, the commits that are new there, and what tools would execute. */
export async function describePush(
  deps: DescribePushDeps,
  session: Session,
  push: DescribedPush,
): Promise<Omit<Approval, "approvalId">> {
  const { commit, branch, remote } = push;
  const [[{ count, subjects }, files], whole] = await Promise.all([
    listNew(session, branch, (from) =>
      Promise.all([deps.listSubjects(session, { from, to: commit }), deps.listChanges(session, { from, to: commit })]),
    ),
    deps.listChanges(session, { from: session.baseCommit, to: commit }),
  ]);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    action: "push",
    summary: `push ${branch} to ${remote.name}`.slice(0, 500),
    details: [
      `to: ${plain(remote.url)}`,
      `branch: ${branch}`,
      `commit: ${commit}`,
      `commits: ${count}`,
      ...subjects.map((subject) => `· ${plain(subject)}`),
      `files: ${files.length} changed, +${additions} −${deletions}`,
      ...executedLines(whole),
    ].map((line) => line.slice(0, 1000)),
  };
}

/** One line without control characters: the text is the agent's. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}

/**
 * What the user is told of a push that they were not asked about: the files that tools execute, new or changed since the
 * last push. Null where there are none.
 */
export async function describeUnseen(
  deps: Pick<DescribePushDeps, "listChanges">,
  session: Session,
  push: DescribedPush,
): Promise<string | null> {
  const { commit, branch, remote } = push;
  const changes = await listNew(session, branch, (from) => deps.listChanges(session, { from, to: commit }));
  // A file that is gone runs no more.
  const executed = changes.filter(({ executedBy, status }) => executedBy !== null && status !== "deleted");
  if (executed.length === 0) return null;
  const files = executed.slice(0, EXECUTED_LISTED).map(({ path, executedBy }) => `${plain(path)} (${executedBy})`);
  const more = executed.length > files.length ? `, and ${executed.length - files.length} more` : "";
  return (
    `The agent pushed ${commit.slice(0, 10)} to ${branch} on ${remote.name} without asking, as this session may. ` +
    `It changes files that tools execute: ${files.join(", ")}${more}.`
  );
}

/** One line for each file among the changes that tools execute. */
export function executedLines(changes: readonly ChangedFile[]): string[] {
  const executed = changes.filter((file) => file.executedBy !== null);
  const more = executed.length - EXECUTED_LISTED;
  return [
    ...executed.slice(0, EXECUTED_LISTED).map((file) => `executed: ${plain(file.path)}: ${file.executedBy ?? ""}`),
    ...(more > 0 ? [`executed: and ${more} more files`] : []),
  ].map((line) => line.slice(0, 1000));
}
