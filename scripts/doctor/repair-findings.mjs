/**
 * Does what can be done and answers that; a repair that fails is told and leaves its finding.
 * @param {import("./finding.mjs").Finding[]} findings
 * @param {boolean} isNamed whether the user asked for this check by its name
 */
export async function repairFindings(findings, isNamed) {
  const repairs = findings.flatMap((finding) => finding.repair ?? []).filter((one) => isNamed || !one.onlyNamed);
  const done = [];
  for (const one of repairs) {
    console.log(`… ${one.words}`);
    try {
      await one.run();
      done.push(one);
    } catch (error) {
      console.log(`  that failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return done;
}
