import { AppError } from "../lib/app-error.ts";

/** Where to clone from and what to call it. */
export interface CloneSource {
  url: string;
  name: string;
}

const SCP_LIKE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?!\/\/)[^\s:][^\s]*$/;

/**
 * Accepts `https://host/path`, `ssh://[user@]host/path` and `user@host:path`. Everything else (local paths, `file:`,
 * `http:`, `git:`, `ext::`) and an address that carries a password throws `repository.invalid`.
 */
export function parseCloneUrl(text: string): CloneSource {
  const url = text.trim();
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(url)) throw invalid("The address holds a blank or a control character.");
  if (SCP_LIKE.test(url)) return { url, name: nameOf(url.slice(url.indexOf(":") + 1)) };

  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol;
  if (!parsed || (scheme !== "https:" && scheme !== "ssh:") || !url.toLowerCase().startsWith(`${scheme}//`)) {
    throw invalid(
      "Only addresses like https://host/name.git, ssh://git@host/name.git or git@host:name.git are cloned.",
    );
  }
  if (!/^[A-Za-z0-9.[]/.test(parsed.hostname)) throw invalid("The address names no host.");
  if (parsed.password !== "") {
    throw invalid("The address carries a password, which would be kept in plain text: use a git credential helper.");
  }
  if (parsed.username.startsWith("-")) throw invalid("The user name in the address begins with a hyphen.");
  return { url, name: nameOf(parsed.pathname) };
}

function nameOf(path: string): string {
  const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  const name = last.replace(/\.git$/, "");
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name))
    throw invalid("The address does not end in a repository's name.");
  return name;
}

function invalid(message: string): AppError {
  return new AppError("repository.invalid", message);
}
