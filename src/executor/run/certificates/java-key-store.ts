/**
 * A trust store for Java in the format that every Java reads, whatever its default type: JKS, whose fields are those of
 * java.io.DataOutput, big-endian.
 */
import { createHash } from 'node:crypto';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The password that Java's own trust stores have. It protects nothing: whoever only reads certificates needs none. */
const PASSWORD = 'changeit';
const SALT = 'Mighty Aphrodite';

/** `certificates` in DER. `time`: milliseconds since 1970 for when they were added. */
export function javaKeyStore(certificates: readonly Buffer[], time: number): Buffer {
  const entries = certificates.flatMap((der, index) => [
    uint32(TRUSTED_CERTIFICATE),
    utf(`authority-${index}`),
    uint64(time),
    utf('X.509'),
    uint32(der.length),
    der,
  ]);
  const body = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(certificates.length), ...entries]);
  return Buffer.concat([body, digestOf(body)]);
}

function digestOf(body: Buffer): Buffer {
  const password = Buffer.from(PASSWORD, 'utf16le').swap16();
  return createHash('sha1').update(password).update(SALT).update(body).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Java's UTF: its length in two bytes before the text, which is ASCII here. */
function utf(text: string): Buffer {
  const bytes = Buffer.alloc(2 + text.length, 0, 'latin1');
  bytes.writeUInt16BE(text.length);
  bytes.write(text, 2, 'latin1');
  return bytes;
}
