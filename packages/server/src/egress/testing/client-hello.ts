import { Duplex } from "node:stream";
import { connect } from "node:tls";

/** The hello that Node's own TLS client sends to that name; without one, a hello that names nobody. */
export async function clientHello(servername?: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connect({ socket: wire, ...(servername !== undefined && { servername }) }).on("error", () => undefined);
  });
}

/** The same message in records of at most `size` bytes each, as TLS lets a client send it. */
export function splitIntoRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

/** The same hello with one more extension at its end. */
export function withExtension(hello: Buffer, kind: number, content: Buffer): Buffer {
  const extension = Buffer.concat([uint16(kind), uint16(content.length), content]);
  const message = Buffer.concat([hello.subarray(5), extension]);
  message.writeUIntBE(message.length - 4, 1, 3);
  // Version and random, then three vectors: the session, the cipher suites, the compressions.
  let at = 4 + 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  message.writeUInt16BE(message.readUInt16BE(at) + extension.length, at);
  return Buffer.concat([Buffer.from([22, 3, 1]), uint16(message.length), message]);
}

/** What the extension `server_name` holds for these names. */
export function serverNames(...names: readonly string[]): Buffer {
  const list = names.map((name) => Buffer.concat([Buffer.from([0]), uint16(name.length), Buffer.from(name)]));
  const whole = Buffer.concat(list);
  return Buffer.concat([uint16(whole.length), whole]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
