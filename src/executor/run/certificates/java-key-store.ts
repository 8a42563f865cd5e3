/**
 * Writes a trust store for Java in the format that every Java version reads, whatever its default type: JKS. Its
 * fields are those of java.io.DataOutput, big-endian.
 */
import { createHash } from 'node:crypto';

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** The password of Java's own trust stores. It is not a secret: reading certificates needs no password. */
const PASSWORD = 'changeit';
const SALT = 'Mighty Aphrodite';

/** `certificates` are in DER. `time` is when they were added, in milliseconds since 1970. */
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

/** A string in the format of DataOutput.writeUTF: its length in two bytes, then the text (only ASCII here). */
function utf(text: string): Buffer {
  const bytes = Buffer.alloc(2 + text.length, 0, 'latin1');
  bytes.writeUInt16BE(text.length);
  bytes.write(text, 2, 'latin1');
  return bytes;
}
