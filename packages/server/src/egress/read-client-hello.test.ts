import { describe, expect, it } from "vitest";
import { readClientHello } from "./read-client-hello.ts";
import { clientHello, serverNames, splitIntoRecords, withExtension } from "./testing/client-hello.ts";

const SERVER_NAME = 0;
const ENCRYPTED_CLIENT_HELLO = 0xfe0d;

describe("readClientHello", () => {
  it("reads the name that a real client asks for, in lower case, and that it names none", async () => {
    expect(readClientHello(await clientHello("Registry.Example"))).toEqual({
      serverName: "registry.example",
      hidesName: false,
    });
    expect(readClientHello(await clientHello())).toEqual({ serverName: null, hidesName: false });
  });

  it("asks for more until the hello is whole, however it is split", async () => {
    const whole = await clientHello("registry.example");
    for (const hello of [whole, splitIntoRecords(whole, 40), splitIntoRecords(whole, 100)]) {
      for (let length = 0; length < hello.length; length += 1) {
        expect(readClientHello(hello.subarray(0, length))).toBe("more");
      }
      const expected = { serverName: "registry.example", hidesName: false };
      expect(readClientHello(hello)).toEqual(expected);
      expect(readClientHello(Buffer.concat([hello, Buffer.from("what follows")]))).toEqual(expected);
    }
  });

  it("tells that the name may be an encrypted one", async () => {
    const hello = withExtension(await clientHello("registry.example"), ENCRYPTED_CLIENT_HELLO, Buffer.alloc(64, 7));
    expect(readClientHello(hello)).toEqual({ serverName: "registry.example", hidesName: true });
  });

  it("takes no hello that names two hosts, or one in a way that could be read otherwise", async () => {
    const [one, none] = [await clientHello("registry.example"), await clientHello()];
    const name = serverNames("registry.example");
    expect(readClientHello(withExtension(none, SERVER_NAME, name))).toMatchObject({ serverName: "registry.example" });
    for (const hello of [
      withExtension(one, SERVER_NAME, name),
      withExtension(none, SERVER_NAME, serverNames("registry.example", "evil.example")),
      withExtension(none, SERVER_NAME, serverNames("")),
      withExtension(none, SERVER_NAME, Buffer.concat([name, Buffer.from("x")])),
      withExtension(none, SERVER_NAME, name.subarray(0, 10)),
      withExtension(none, SERVER_NAME, Buffer.alloc(0)),
    ]) {
      expect(readClientHello(hello)).toBe("not-tls");
    }
  });

  it("takes no hello in more records than an honest client would ever make", async () => {
    expect(readClientHello(splitIntoRecords(await clientHello("registry.example"), 3))).toBe("not-tls");
  });

  it("takes nothing else for a hello", () => {
    const said = [
      "GET / HTTP/1.1\r\n\r\n",
      "SSH-2.0-x",
      "\x16\x02\x00",
      "\x16\x03\x01\x00\x00",
      "\x16\x03\x01\x00\x05\x02",
    ];
    for (const text of said) expect(readClientHello(Buffer.from(text, "latin1"))).toBe("not-tls");
  });
});
