import { createHash } from "node:crypto";
import { AppError } from "../lib/app-error.ts";

/** On images that hold a repository's own packages, with the hash of what they were made of. */
export const DERIVED_LABEL = "background-agents.derived";

/** Pure: what tells one derived image from another. The order of the packages does not matter. */
export function hashOfDerived(baseId: string, packages: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([baseId, [...new Set(packages)].sort()]))
    .digest("hex")
    .slice(0, 24);
}

/** Pure. Each package is a name of Debian's archive (checked where it is set), which holds no quote. */
export function buildDockerfile(baseId: string, packages: readonly string[]): string {
  const names = [...new Set(packages)].sort().map((name) => `'${name}'`);
  return [
    `FROM ${baseId}`,
    "USER 0:0",
    "RUN set -eu; apt-get update -qq; \\",
    `    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${names.join(" ")}; \\`,
    "    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log",
    "USER 10001:10001",
    "",
  ].join("\n");
}

/** What apt says is the reason, else the end of the log. */
export function buildFailure(log: string, packages: readonly string[]): AppError {
  const lines = log.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => /^(E|Err):/.test(line));
  const reason = (said.length > 0 ? said : lines.filter(Boolean).slice(-3)).join(" ").slice(0, 2000);
  return new AppError(
    "image.build-failed",
    `The image with this repository's packages (${packages.join(", ")}) could not be built: ${reason || "the build says nothing"} ` +
      "Correct the packages in the repository's settings, then send the prompt again.",
    { details: { logTail: log.slice(-16_000) } },
  );
}
