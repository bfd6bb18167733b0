/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {(exitCode: number, report: string | undefined) => Counts} Counter what a stage's exit code and JSON report
 *   amount to. A stage that failed counts at least one failure, whatever its report says.
 */

/** @type {Counter} one check: it passed or it did not */
export const countCheck = (exitCode) =>
  atLeastOneFailure(exitCode, { passed: exitCode === 0 ? 1 : 0, failed: 0, skipped: 0 });

/** @type {Counter} */
export const countVitest = (exitCode, report) => {
  const result = readReport(report);
  return requireTests(exitCode, {
    passed: readCount(result, "numPassedTests"),
    failed: readCount(result, "numFailedTests"),
    skipped: readCount(result, "numPendingTests") + readCount(result, "numTodoTests"),
  });
};

/** @type {Counter} a test that passed only when repeated counts as failed */
export const countPlaywright = (exitCode, report) => {
  const stats = readReport(report)["stats"];
  return requireTests(exitCode, {
    passed: readCount(stats, "expected"),
    failed: readCount(stats, "unexpected") + readCount(stats, "flaky"),
    skipped: readCount(stats, "skipped"),
  });
};

/** @type {Counter} */
export const countFaults = (exitCode, report) => {
  const result = readReport(report);
  return requireTests(exitCode, {
    passed: readCount(result, "passed"),
    failed: readCount(result, "failed"),
    skipped: readCount(result, "skipped"),
  });
};

/**
 * A stage that ran no test has failed: a runner that finds nothing approves of everything.
 * @param {number} exitCode
 * @param {Counts} counts
 */
function requireTests(exitCode, counts) {
  return atLeastOneFailure(counts.passed + counts.failed === 0 ? 1 : exitCode, counts);
}

/** @param {number} exitCode @param {Counts} counts @returns {Counts} */
function atLeastOneFailure(exitCode, counts) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string | undefined} report @returns {Record<string, unknown>} */
function readReport(report) {
  if (report === undefined) return {};
  try {
    return Object(JSON.parse(report));
  } catch {
    // Cut off: its runner was ended half-way.
    return {};
  }
}

/** @param {unknown} result @param {string} name */
function readCount(result, name) {
  const count = Object(result)[name];
  return Number.isInteger(count) ? Number(count) : 0;
}
