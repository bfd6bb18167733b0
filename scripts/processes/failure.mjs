/**
 * A reason to stop that the user can act on: shown as it is, without a stack.
 * @param {string} message
 * @param {number} [exitCode]
 */
export function failure(message, exitCode = 1) {
  return Object.assign(new Error(message), { exitCode });
}

/**
 * Runs the main function of a script. A `failure` ends the process with its line and its exit code, anything else
 * with its stack and 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    const exitCode = error instanceof Error && "exitCode" in error ? Number(error.exitCode) : undefined;
    console.error(exitCode === undefined || !(error instanceof Error) ? error : error.message);
    process.exit(exitCode ?? 1);
  }
}
