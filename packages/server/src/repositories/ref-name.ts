/**
 * Whether `name` can be a branch by git's own rules (git-check-ref-format), so that it never reads as an option, a
 * revision expression such as `main~1` or a path.
 */
export function isBranchName(name: string): boolean {
  if (name === "" || name.length > 250 || name.startsWith("-")) return false;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^\/|\/$/.test(name)) return false;
  return name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}
