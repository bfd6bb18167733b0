/**
 * What the user should know of an error that comes from the disk, in one sentence; undefined for any other error.
 * Reads the codes of SQLite and of the system, never the text.
 */
export function findStorageProblem(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (["SQLITE_FULL", "ENOSPC", "EDQUOT"].includes(code)) {
    return "The disk of the data directory is full, so nothing was recorded: make room there, then try again.";
  }
  if (code.startsWith("SQLITE_READONLY") || code === "EROFS") {
    return "The data directory cannot be written, so nothing was recorded: make it writable, then try again.";
  }
  if (code.startsWith("SQLITE_IOERR") || code === "EIO") {
    return "The disk of the data directory failed, so nothing was recorded: check the disk and the server's log.";
  }
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") {
    return "The database is damaged, so nothing was recorded: stop the server and run npm run doctor, which says what can be had back.";
  }
  return undefined;
}
