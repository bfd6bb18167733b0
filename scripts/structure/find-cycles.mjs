/**
 * The import cycles among our own files, type-only imports included: one line for each group of files that reach each
 * other. (Tarjan's strongly connected components.)
 * @param {import("./read-sources.mjs").Source[]} sources
 * @returns {string[]}
 */
export function findCycles(sources) {
  const targets = new Map(
    sources.map((source) => [
      source.file,
      source.imports.flatMap(({ target }) => (target === undefined ? [] : [target])),
    ]),
  );
  /** @type {Map<string, { index: number, low: number, onStack: boolean }>} */
  const marks = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[]} */
  const cycles = [];

  /** @param {string} file */
  function connect(file) {
    const mark = { index: marks.size, low: marks.size, onStack: true };
    marks.set(file, mark);
    stack.push(file);
    for (const target of targets.get(file) ?? []) {
      const seen = marks.get(target);
      if (seen === undefined) mark.low = Math.min(mark.low, connect(target).low);
      else if (seen.onStack) mark.low = Math.min(mark.low, seen.index);
    }
    if (mark.low === mark.index) {
      const group = stack.splice(stack.indexOf(file));
      for (const one of group) {
        const left = marks.get(one);
        if (left !== undefined) left.onStack = false;
      }
      const importsItself = targets.get(file)?.includes(file) === true;
      if (group.length > 1 || importsItself)
        cycles.push(`${file}:1 imports itself by way of ${group.toSorted().join(", ")}`);
    }
    return mark;
  }

  for (const file of targets.keys()) if (!marks.has(file)) connect(file);
  return cycles;
}
