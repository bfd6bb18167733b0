import { findPortOwner, isPortTaken } from "../processes/port-check.mjs";
import { findRunningProcesses } from "../processes/run-record.mjs";
import { bad, ok, warn } from "./finding.mjs";

/** @typedef {{ supervisor: unknown, children: { name: string, pid: number }[] }} Running */

/** @param {import("./context.mjs").Context} context */
export async function checkPorts({ settings }) {
  const running = findRunningProcesses(settings.dataDir);
  const ports = [
    { variable: "PORT", process: "api", port: settings.port },
    { variable: "WEB_PORT", process: "web", port: settings.webPort },
    { variable: "PREVIEW_PORT", process: "api", port: settings.previewPort, isOptional: true },
  ];
  return Promise.all(
    ports.map(async (one) => {
      const owner = (await isPortTaken(one.port))
        ? (findPortOwner(one.port) ?? { text: "a process of another user", groupId: undefined })
        : undefined;
      return judgePort(one, owner, running);
    }),
  );
}

/**
 * @param {{ variable: string, process: string, port: number, isOptional?: boolean }} wanted with `isOptional` it is
 *   listened to only once it is needed, and all else works without it
 * @param {import("../processes/port-check.mjs").PortOwner | undefined} owner who listens there
 * @param {Running} running
 */
export function judgePort({ variable, process, port, isOptional = false }, owner, { supervisor, children }) {
  if (owner === undefined) {
    if (supervisor !== undefined && !isOptional)
      return warn(`${variable} ${port}: this instance runs, but nobody listens there yet`);
    return ok(`${variable} ${port} is free`);
  }
  // What this instance started leads a group of its own, and what that starts is in it.
  const isOurs = children.some(({ name, pid }) => name === process && pid === owner.groupId);
  if (isOurs && supervisor !== undefined) return ok(`${variable} ${port} is held by this instance`);
  if (isOurs) {
    return warn(`${variable} ${port} is held by what a killed run left behind (${owner.text})`, "npm run stop");
  }
  if (isOptional) {
    return warn(
      `${variable} ${port} is taken by ${owner.text}: previews cannot be shown`,
      `set another ${variable} in .env`,
    );
  }
  return bad(`${variable} ${port} is taken by ${owner.text}`, `stop that, or set another ${variable} in .env`);
}
