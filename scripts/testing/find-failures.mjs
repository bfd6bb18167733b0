/**
 * @typedef {{ title: string, message: string }} Failure
 */

/**
 * What a runner's JSON report says about the tests that failed, Vitest's or Playwright's; empty for any other report.
 * No library reads it: this runs before the dependencies are there.
 * @param {string | undefined} report
 * @returns {Failure[]}
 */
export function findFailures(report) {
  if (report === undefined) return [];
  try {
    const result = Object(JSON.parse(report));
    return [...ofVitest(result), ...list(result.suites).flatMap((suite) => ofPlaywright(suite, []))];
  } catch {
    // Cut off: its runner was ended half-way.
    return [];
  }
}

/** @param {any} result @returns {Failure[]} */
function ofVitest(result) {
  return list(result.testResults).flatMap(({ name, status, message, assertionResults }) => {
    const failed = list(assertionResults).filter((test) => test.status === "failed");
    if (status === "failed" && failed.length === 0) return [{ title: String(name), message: String(message) }];
    return failed.map(({ fullName, failureMessages }) => ({
      title: `${name}: ${fullName}`,
      message: list(failureMessages).join("\n"),
    }));
  });
}

/** @param {any} suite @param {string[]} above @returns {Failure[]} */
function ofPlaywright(suite, above) {
  const titles = [...above, String(suite.title)];
  const own = list(suite.specs).flatMap((spec) =>
    list(spec.tests)
      .filter(({ status }) => status === "unexpected" || status === "flaky")
      .map(({ results }) => ({
        title: [...titles, spec.title].join(" › "),
        message: list(results)
          .flatMap(({ errors }) => list(errors))
          .map((error) => String(error.message ?? error.value))
          .join("\n"),
      })),
  );
  return [...own, ...list(suite.suites).flatMap((inner) => ofPlaywright(inner, titles))];
}

/** @param {unknown} value @returns {any[]} */
function list(value) {
  return Array.isArray(value) ? value : [];
}
