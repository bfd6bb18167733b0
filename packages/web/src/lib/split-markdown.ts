const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const CONTINUES = /^(?: {2,}|\t|[-*+] |\d{1,9}[.)] |> ?|\|)/;

/**
 * Cuts growing markdown into blocks that are rendered each on its own: only the last one changes while text streams
 * in. A cut is made at a blank line outside of a code fence, and not where the next line continues a list, a quote or
 * a table.
 */
export function splitMarkdown(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  let blank = false;
  for (const line of text.split("\n")) {
    if (blank && fence === null && line.trim() !== "" && !CONTINUES.test(line)) {
      blocks.push(block.join("\n"));
      block = [];
    }
    const marker = FENCE.exec(line)?.[1];
    if (marker && fence === null) fence = marker;
    else if (marker && fence !== null && marker[0] === fence[0] && marker.length >= fence.length) fence = null;
    blank = line.trim() === "";
    block.push(line);
  }
  if (block.length > 0) blocks.push(block.join("\n"));
  return blocks.filter((candidate) => candidate.trim() !== "");
}
