/** What the first message of a TLS client tells of where it wants to go. */
export interface ClientHello {
  /** In lower case; null where none is named. */
  serverName: string | null;
  /** The true name may be in an encrypted part, which only the server that answers can read. */
  hidesName: boolean;
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
/** No honest client splits its hello into so many; reading it anew with each byte that comes costs that much. */
const RECORDS_LIMIT = 32;
const SERVER_NAME = 0x0000;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

/**
 * Reads a ClientHello from the first bytes of a connection, over as many records as it is split into. `more`: it has
 * not come whole. `not-tls`: this is something else, or a hello that no honest client sends.
 */
export function readClientHello(bytes: Buffer): ClientHello | "more" | "not-tls" {
  const parts: Buffer[] = [];
  for (let at = 0; parts.length < RECORDS_LIMIT;) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE_RECORD) break;
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) break;
    if (bytes.length < at + RECORD_HEADER) return judgeParts(parts);
    const size = bytes.readUInt16BE(at + 3);
    if (size === 0 || size > 2 ** 14) break;
    const part = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + size);
    parts.push(part);
    if (part.length < size) return judgeParts(parts);
    at += RECORD_HEADER + size;
  }
  // No hello goes on from here: it is whole, or none.
  const judged = judgeParts(parts);
  return judged === "more" ? "not-tls" : judged;
}

/** The message from what the records carry, when it is whole; what follows it is not looked at. */
function judgeParts(parts: readonly Buffer[]): ClientHello | "more" | "not-tls" {
  const message = Buffer.concat(parts);
  if (message.length > 0 && message[0] !== CLIENT_HELLO) return "not-tls";
  if (message.length < MESSAGE_HEADER) return "more";
  const end = MESSAGE_HEADER + message.readUIntBE(1, 3);
  if (message.length < end) return "more";
  return readMessage(message.subarray(MESSAGE_HEADER, end)) ?? "not-tls";
}

/** Undefined where it is malformed, or says a thing twice: servers differ in which of the two they take. */
function readMessage(message: Buffer): ClientHello | undefined {
  const reader = createReader(message);
  reader.take(2 + 32);
  reader.vector(1);
  reader.vector(2);
  reader.vector(1);
  const extensions = createReader(reader.vector(2));
  const hello: ClientHello = { serverName: null, hidesName: false };
  while (extensions.hasMore()) {
    const kind = extensions.number(2);
    const content = extensions.vector(2);
    if (kind === ENCRYPTED_CLIENT_HELLO) hello.hidesName = true;
    if (kind !== SERVER_NAME) continue;
    const serverName = readServerName(content);
    if (serverName === undefined || hello.serverName !== null) return undefined;
    hello.serverName = serverName;
  }
  return reader.failed() || reader.hasMore() || extensions.failed() ? undefined : hello;
}

/** The one name of the list. Undefined where there are more, or none. */
function readServerName(content: Buffer): string | undefined {
  const outer = createReader(content);
  const list = createReader(outer.vector(2));
  const kind = list.number(1);
  const name = list.vector(2).toString("latin1");
  const isWhole = !list.failed() && !list.hasMore() && !outer.failed() && !outer.hasMore();
  return isWhole && kind === 0 && name !== "" ? name.toLowerCase() : undefined;
}

/** Takes bytes from the front; what is not there reads as nothing and is remembered as a failure. */
function createReader(bytes: Buffer) {
  let at = 0;
  let isShort = false;
  const take = (size: number): Buffer => {
    if (at + size > bytes.length) {
      isShort = true;
      at = bytes.length;
      return Buffer.alloc(0);
    }
    at += size;
    return bytes.subarray(at - size, at);
  };
  const number = (size: number): number => {
    const taken = take(size);
    return taken.length === size ? taken.readUIntBE(0, size) : 0;
  };
  return {
    take,
    number,
    /** Bytes after their own length, which takes `size` bytes. */
    vector: (size: number): Buffer => take(number(size)),
    hasMore: (): boolean => at < bytes.length,
    failed: (): boolean => isShort,
  };
}
