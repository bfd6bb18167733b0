/** Each value of a body costs memory when it is read, however few bytes it has: an empty list is a hundred times larger. */
const MOST_VALUES = 2_000_000;

const [COMMA, LIST, RECORD] = Buffer.from(",[{");

/** The JSON object of a body; undefined: it is none, or one of so many values that reading it would take the memory. */
export function parseBody(bytes: Buffer): Record<string, unknown> | undefined {
  if (bytes.length > MOST_VALUES && countMarks(bytes) > MOST_VALUES) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** No fewer than there are values. Those in texts count, too: texts as long as models read have far fewer. */
function countMarks(bytes: Buffer): number {
  let marks = 0;
  for (const byte of bytes) if (byte === COMMA || byte === LIST || byte === RECORD) marks += 1;
  return marks;
}
