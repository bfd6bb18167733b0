/** A sandbox that stopped, in a sentence: stopping for want of work is the plan, not a fault. */
export function stopWords(reason: string): string {
  if (reason === "idle") return "The sandbox was idle and stopped.";
  if (reason === "the setup script has ended") return "The setup script has ended, and its container with it.";
  if (reason === "the setup script runs in a container of its own")
    return "The agent’s sandbox stopped: the setup script runs in a container of its own.";
  if (reason === "another session needed its place")
    return "The sandbox was idle and gave its place to another session.";
  return `The sandbox stopped: ${reason.replace(/\.$/, "")}.`;
}
