/** A sandbox that stopped, in a sentence: stopping for want of work is the plan, not a fault. */
export function stopWords(reason: string): string {
  if (reason === "idle") return "The sandbox was idle and stopped.";
  if (reason === "another session needed its place")
    return "The sandbox was idle and gave its place to another session.";
  return `The sandbox stopped: ${reason.replace(/\.$/, "")}.`;
}
