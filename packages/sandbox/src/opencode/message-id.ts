const HEX_DIGITS = 12;
const SUFFIX_LENGTH = 14;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MODULUS = 1n << 48n;

/** The part of an OpenCode id that orders it: milliseconds × 4096 + a counter, in 48 bits. */
function orderOf(id: string): bigint | undefined {
  const digits = /^msg_([0-9a-f]{12})/.exec(id)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

function randomSuffix(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SUFFIX_LENGTH));
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/**
 * An OpenCode message id that sorts after all of `existing`, whatever the clock says: OpenCode's loop ends without an
 * answer when the user's message sorts before the last assistant message.
 */
export function mintMessageId(existing: readonly string[], nowMs: number): string {
  let order = (BigInt(nowMs) * 4096n + 1n) % MODULUS;
  for (const id of existing) {
    const other = orderOf(id);
    if (other !== undefined && other >= order) order = other + 1n;
  }
  return `msg_${order.toString(16).padStart(HEX_DIGITS, "0")}${randomSuffix()}`;
}
