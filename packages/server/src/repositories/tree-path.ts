/** Whether a tree can hold a file of this name: no empty part, no `.` or `..`, no NUL. */
export function isTreePath(path: string): boolean {
  return !path.includes("\0") && path.split("/").every((part) => !["", ".", ".."].includes(part));
}
