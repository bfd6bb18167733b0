import type { ChangedFile } from "@background-agents/shared/sessions/session";

/** A row of the tree of changed files, in the order they are shown. */
export type TreeRow =
  | { kind: "folder"; path: string; name: string; depth: number; open: boolean; files: number }
  | { kind: "file"; path: string; name: string; depth: number; file: ChangedFile };

interface Folder {
  name: string;
  path: string;
  folders: Map<string, Folder>;
  files: ChangedFile[];
  count: number;
}

/**
 * The files as a tree: folders before files, each by name; folders that hold nothing but one folder are one row. What
 * lies in a folder of `closed` is left out.
 */
export function buildTreeRows(files: readonly ChangedFile[], closed: ReadonlySet<string>): TreeRow[] {
  const root: Folder = { name: "", path: "", folders: new Map(), files: [], count: 0 };
  for (const file of files) addFile(root, file);
  const rows: TreeRow[] = [];
  pushRows(root, 0, { rows, closed });
  return rows;
}

/** The files as a list of whole paths, in the order of the tree. */
export function buildListRows(files: readonly ChangedFile[]): TreeRow[] {
  return orderFiles(files).map((file) => ({ kind: "file", path: file.path, name: file.path, depth: 0, file }));
}

/** The files in the order of the tree, so that list, tree and diffs agree. */
export function orderFiles(files: readonly ChangedFile[]): ChangedFile[] {
  return buildTreeRows(files, new Set()).flatMap((row) => (row.kind === "file" ? [row.file] : []));
}

/** The files whose path holds every word of the filter, in any order, upper case or not. */
export function filterFiles(files: readonly ChangedFile[], filter: string): readonly ChangedFile[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return files;
  return files.filter(({ path, oldPath = "" }) => {
    const text = `${path} ${oldPath}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function addFile(root: Folder, file: ChangedFile): void {
  let folder = root;
  folder.count++;
  for (const name of file.path.split("/").slice(0, -1)) {
    const path = folder.path === "" ? name : `${folder.path}/${name}`;
    const next = folder.folders.get(name) ?? { name, path, folders: new Map(), files: [], count: 0 };
    folder.folders.set(name, next);
    folder = next;
    folder.count++;
  }
  folder.files.push(file);
}

function pushRows(folder: Folder, depth: number, into: { rows: TreeRow[]; closed: ReadonlySet<string> }): void {
  for (const child of [...folder.folders.values()].toSorted((a, b) => byName(a.name, b.name))) {
    const { names, last } = follow(child);
    const open = !into.closed.has(last.path);
    into.rows.push({ kind: "folder", path: last.path, name: names.join("/"), depth, open, files: last.count });
    if (open) pushRows(last, depth + 1, into);
  }
  const named = folder.files.map((file) => ({ file, name: file.path.slice(file.path.lastIndexOf("/") + 1) }));
  for (const { file, name } of named.toSorted((a, b) => byName(a.name, b.name))) {
    into.rows.push({ kind: "file", path: file.path, name, depth, file });
  }
}

/** Down through folders that hold one folder and nothing else. */
function follow(folder: Folder): { names: string[]; last: Folder } {
  const names = [folder.name];
  let last = folder;
  for (let only = onlyFolder(last); only; only = onlyFolder(last)) {
    names.push(only.name);
    last = only;
  }
  return { names, last };
}

function onlyFolder({ files, folders }: Folder): Folder | undefined {
  return files.length === 0 && folders.size === 1 ? folders.values().next().value : undefined;
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
