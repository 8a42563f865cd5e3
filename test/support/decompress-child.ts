/** Decompresses a file and says what that took: `node --import tsx decompress-child.ts <file> <compression>`. */
import { createReadStream, readFileSync } from 'node:fs';
import { decompressStream } from '../../src/compression/decompress.ts';
import type { ArchiveCompression } from '../../src/compression/sniff.ts';

const [file = '', compression = ''] = process.argv.slice(2);
let bytes = 0;
let fault: string | undefined;
const before = process.cpuUsage();
try {
  const plain = decompressStream(createReadStream(file), compression as ArchiveCompression, {
    free: 2 ** 27,
    ratio: 200,
  });
  for await (const chunk of plain) bytes += (chunk as Buffer).length;
} catch (error) {
  fault = (error as { code?: string }).code;
}
const { user, system } = process.cpuUsage(before);
const result = { bytes, fault, megabytes: peakMegabytes(), seconds: (user + system) / 1e6 };
console.log(JSON.stringify(result));

/** Of this program alone: what `getrusage` tells begins with the size of the process that started it. */
function peakMegabytes(): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) / 1024;
}
