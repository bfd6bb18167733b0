import { watch } from "node:fs";

/**
 * Calls `onChange` with the file's name a moment after sources under `directories` changed, once for a burst.
 * Tests and files that editors make beside the real ones do not count. Answers how to end it.
 * @param {string[]} directories
 * @param {(file: string) => void} onChange
 */
export function watchSources(directories, onChange) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const watchers = directories.map((directory) =>
    watch(directory, { recursive: true }, (_event, file) => {
      if (file === null || !/\.(ts|json|sql)$/.test(file) || file.endsWith(".test.ts")) return;
      clearTimeout(timer);
      timer = setTimeout(() => onChange(file), 150);
    }),
  );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
