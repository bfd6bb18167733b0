import { pipeline, Transform, type Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Redactor } from "./redact.ts";

/** Takes known values out of UTF-8 text that streams through, also where they are split over pieces. */
export function createRedactingTransform(redactor: Redactor): Transform {
  const decoder = new StringDecoder("utf8");
  const text = redactor.stream();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, text.push(decoder.write(chunk)));
    },
    flush(done) {
      done(null, text.push(decoder.end()) + text.end());
    },
  });
}

/** The source without known values; what breaks the source off breaks this off. */
export function redactStream(source: Readable, redactor: Redactor): Readable {
  if (redactor.isEmpty) return source;
  // The error reaches whoever reads the result.
  return pipeline(source, createRedactingTransform(redactor), () => undefined);
}
