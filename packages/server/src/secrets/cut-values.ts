import { SHORTEST_SECRET } from "@background-agents/shared/secrets/secret";

/** A known value as it may stand in a text. */
export interface Shape {
  text: string;
  name: string;
}

/**
 * Finds what can be left of a known value at a cut: its end at the text's start, its beginning at the text's end. Pieces
 * of less than six characters are in too much that is harmless.
 */
export function createPieceFinder(shapes: readonly Shape[]) {
  /** How much of the text's start a shape ends with, where the shape goes on before it. */
  function lengthAtStart(text: string, shape: string): number {
    const probe = text.slice(0, SHORTEST_SECRET);
    for (let at = shape.indexOf(probe, 1); at > 0; at = shape.indexOf(probe, at + 1)) {
      const piece = shape.slice(at);
      // A text that is shorter than the piece was cut from the midst of the value.
      if (text.startsWith(piece) || piece.startsWith(text)) return Math.min(piece.length, text.length);
    }
    return 0;
  }

  function lengthAtEnd(text: string, shape: string): number {
    const probe = text.slice(-SHORTEST_SECRET);
    const last = shape.length - SHORTEST_SECRET - 1;
    for (let at = shape.lastIndexOf(probe, last); at >= 0; at = at > 0 ? shape.lastIndexOf(probe, at - 1) : -1) {
      const piece = shape.slice(0, at + SHORTEST_SECRET);
      if (text.endsWith(piece) || piece.endsWith(text)) return Math.min(piece.length, text.length);
    }
    return 0;
  }

  return function findPiece(text: string, at: "start" | "end"): { name: string; length: number } | undefined {
    if (text.length < SHORTEST_SECRET) return undefined;
    let longest: { name: string; length: number } | undefined;
    for (const shape of shapes) {
      const length = at === "start" ? lengthAtStart(text, shape.text) : lengthAtEnd(text, shape.text);
      if (length > (longest?.length ?? 0)) longest = { name: shape.name, length };
    }
    return longest;
  };
}
