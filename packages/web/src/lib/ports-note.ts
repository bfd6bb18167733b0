import type { ListeningPort } from "@background-agents/shared/sessions/listening-port";

/** What stands beside the preview's name: the port, where it is one. */
export function portsNote(ports: readonly ListeningPort[]): string {
  const [first] = ports;
  if (!first) return "";
  return ports.length === 1 ? `:${first.port}` : `${ports.length} ports`;
}
