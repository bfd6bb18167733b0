import { SHORTEST_SECRET } from "@background-agents/shared/secrets/secret";

const SHORTEST_LINE = 16;
const WRAPPED_AT = 76;

/**
 * The shapes in which a value shows up in output: itself, as JSON, in an address, as hex, as base64 wherever it stands
 * in what was encoded, and each long line of a value of several lines. Pure; empty for a value that is too short.
 */
export function encodingsOf(value: string): string[] {
  const shapes = [value, value.trim(), ...longLines(value)].flatMap((text) =>
    text.length < SHORTEST_SECRET ? [] : [...asText(text), ...asHex(text), ...asBase64(text)],
  );
  return [...new Set(shapes)].filter((shape) => shape.length >= SHORTEST_SECRET);
}

function longLines(value: string): string[] {
  const lines = value.trim().split(/\r?\n/);
  if (lines.length < 2) return [];
  // The frame of a key is no secret.
  return lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));
}

function asText(value: string): string[] {
  const json = escapeJson(value);
  const address = encodeAddress(value);
  const strict = address.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  const addresses = [address, strict].flatMap((one) => [one, one.replaceAll("%2F", "/"), one.replaceAll("%20", "+")]);
  return [value, json, escapeJson(json), ...addresses.flatMap((one) => [one, withLowerHex(one)])];
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** By way of UTF-8, since a half of a surrogate pair cannot be encoded. */
function encodeAddress(text: string): string {
  return encodeURIComponent(Buffer.from(text, "utf8").toString("utf8"));
}

function withLowerHex(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

function asHex(value: string): string[] {
  const hex = Buffer.from(value, "utf8").toString("hex");
  return [hex, hex.toUpperCase()];
}

/** What is the same whatever stands before and after: the characters that are made of the value's bits alone. */
function asBase64(value: string): string[] {
  const bytes = Buffer.from(value, "utf8");
  const cores = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  const whole = bytes.toString("base64");
  const plain = [...cores, whole, whole.replace(/=+$/, "")];
  const wrapped = plain.flatMap((one) => (one.length > WRAPPED_AT ? [wrap(one)] : []));
  return [...plain, ...wrapped].flatMap((one) => [one, one.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** As `base64` prints what stands alone. */
function wrap(text: string): string {
  return text.replace(new RegExp(`.{${WRAPPED_AT}}(?=.)`, "g"), "$&\n");
}
