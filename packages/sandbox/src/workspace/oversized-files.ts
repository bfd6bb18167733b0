export interface FileSize {
  path: string;
  bytes: number;
}

/** The files to leave out, largest first, so that the rest has at most `limitBytes`. Pure. */
export function pickOversizedFiles(files: readonly FileSize[], limitBytes: number): FileSize[] {
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  const left: FileSize[] = [];
  for (const file of files.toSorted((a, b) => b.bytes - a.bytes)) {
    if (total <= limitBytes) break;
    left.push(file);
    total -= file.bytes;
  }
  return left;
}
