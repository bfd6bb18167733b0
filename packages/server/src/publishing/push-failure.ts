import type { ErrorCode } from "@background-agents/shared/protocol/error-codes";
import { AppError } from "../lib/app-error.ts";
import { hideCredentials } from "../lib/hide-credentials.ts";

export interface PushTarget {
  remote: string;
  branch: string;
  host: string | null;
}

interface Explanation {
  pattern: RegExp;
  code: ErrorCode;
  message: (target: PushTarget, output: string) => string;
  advice: (target: PushTarget) => string;
}

const place = ({ host, remote }: PushTarget) => host ?? remote;

/** First match counts. Patterns are git's and OpenSSH's own words, always in English (`LC_ALL=C`). */
const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /exists; cannot create|directory.file conflict/,
    code: "push.rejected",
    message: ({ branch, remote }, output) => {
      const [, other] = /'refs\/heads\/([^'\s]{1,250})' exists; cannot create/.exec(output) ?? [];
      return `A branch ${other ? `${other} ` : ""}stands in the way of ${branch} on ${remote}: git keeps no branch below another.`;
    },
    advice: () => "Push under another name, or rename the other branch there.",
  },
  {
    pattern: /\(stale info\)|\(fetch first\)|\(non-fast-forward\)|\(needs force\)|cannot lock ref/,
    code: "push.rejected",
    message: ({ branch, remote }) => `Someone pushed to ${branch} on ${remote} meanwhile: nothing was overwritten.`,
    advice: ({ branch, remote }) =>
      `See what is there (git fetch ${remote} ${branch}), then push to another branch or have the agent merge it.`,
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: "push.unauthorized",
    message: (target) => `SSH does not know the host key of ${place(target)}, or it has changed.`,
    advice: (target) => `Connect once in a terminal and check the key: ssh -T git@${place(target)}`,
  },
  {
    pattern: /Permission denied \(|Too many authentication failures|sign_and_send_pubkey/,
    code: "push.unauthorized",
    message: (target) => `${place(target)} did not accept your SSH key.`,
    advice: () =>
      "Load the key (ssh-add) or add it to your account, then push again: a key with a passphrase needs an SSH agent.",
  },
  {
    pattern:
      /terminal prompts disabled|Authentication failed|could not read (Username|Password)|HTTP 401|error: 401|Invalid username or/i,
    code: "push.unauthorized",
    message: (target) => `${place(target)} wants a user name and a token that git does not have.`,
    advice: () =>
      "Set up a credential helper (gh auth setup-git, or git config credential.helper), or use an SSH address.",
  },
  {
    pattern:
      /error: 403|HTTP 403|Permission to .* denied|not allowed to push|denied to|does not have (write|permission)/i,
    code: "push.unauthorized",
    message: (target) => `Your account may not push to ${target.remote} (${place(target)}).`,
    advice: () => "Push to a fork of your own, or ask for the right to write.",
  },
  {
    pattern: /protected branch|GH006|hook declined|remote rejected|pre-receive/i,
    code: "push.rejected",
    message: ({ branch, remote }) => `${remote} refused the push to ${branch}.`,
    advice: () =>
      "The log has what the remote said. Push to another branch, or have the agent change what was refused.",
  },
  {
    pattern: /Could not resolve host|Name or service not known|Temporary failure in name resolution/,
    code: "remote.unreachable",
    message: (target) => `The host ${place(target)} was not found.`,
    advice: () => "Check the address of the remote and the network, then push again.",
  },
  {
    pattern:
      /Connection (refused|timed out|reset|closed)|Network is unreachable|No route to host|Failed to connect|Operation timed out|no progress for/,
    code: "remote.unreachable",
    message: (target) => `${place(target)} does not answer.`,
    advice: () => "Check the network, then push again: nothing is done twice.",
  },
  {
    pattern:
      /Repository not found|does not appear to be a git repository|repository '.*' not found|No such file or directory|Could not read from remote/i,
    code: "remote.unreachable",
    message: ({ remote }) => `There is no repository at the address of ${remote}, or you may not see it.`,
    advice: ({ remote }) => `Check the address: git remote get-url --push ${remote}`,
  },
];

/** The error that says what git's output means and what to do, with what the remote said. */
export function explainPushFailure(output: string, target: PushTarget): AppError {
  const said = remoteWords(output);
  const found = EXPLANATIONS.find(({ pattern }) => pattern.test(output));
  const last =
    output
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? "";
  const message = found
    ? found.message(target, output)
    : `The push to ${target.remote} failed: ${hideCredentials(last)}`;
  const advice = found ? found.advice(target) : "The log has git's own words.";
  return new AppError(found?.code ?? "git.failed", said === "" ? message : `${message} It said: ${said}`, {
    details: { advice },
  });
}

/** What the server's side printed, without progress meters, at most 500 characters. */
function remoteWords(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .filter(
      (line) =>
        line.startsWith("remote: ") &&
        !/\d+% \(|^remote: (Enumerating|Counting|Compressing|Resolving|Total) /.test(line),
    )
    .map((line) => line.slice("remote: ".length).trim())
    .filter((line) => line !== "" && !/^[=-]+$/.test(line));
  return hideCredentials(lines.join(" ")).slice(0, 500);
}
