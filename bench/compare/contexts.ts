/** The files that are copied into images: the same bytes in every run, and changes that are new in every round. */
import { createCipheriv } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const JAR_MIB = 40;

export function writeTenFiles(context: string): void {
  for (let index = 0; index < 10; index++) writeFileSync(join(context, `file${index}`), createText(index, 1000));
}

/** 300 folders of 100 files, of 200 bytes to 4 KiB: a `node_modules` of middling size. */
export function writeManyFiles(context: string): void {
  for (let folder = 0; folder < 300; folder++) {
    mkdirSync(join(context, `folder${folder}`));
    for (let file = 0; file < 100; file++) {
      const number = folder * 100 + file;
      writeFileSync(
        join(context, `folder${folder}`, `file${file}.js`),
        createText(number, 200 + ((number * 7919) % 3900)),
      );
    }
  }
}

/** One file gets other bytes, and more of them. */
export function changeFile(context: string, round: number): void {
  writeFileSync(join(context, 'folder150/file50.js'), createText(1_000_000 + round, 2000 + round));
}

/** Bytes that compress as badly as those of a jar. */
export function writeJar(context: string): void {
  const jar = openSync(join(context, 'app.jar'), 'w');
  for (let index = 0; index < JAR_MIB; index++) writeSync(jar, createNoise(index));
  fsyncSync(jar);
  closeSync(jar);
}

let changes = 0;

/** One MiB in the midst of it is new, as when some classes were compiled again. */
export function changeJar(context: string): void {
  const jar = openSync(join(context, 'app.jar'), 'r+');
  writeSync(jar, createNoise(JAR_MIB + changes++), 0, MIB, 20 * MIB);
  fsyncSync(jar);
  closeSync(jar);
}

/** Lines like those of a program. */
function createText(seed: number, length: number): string {
  const line = `export const value${seed} = compute(${(seed * 2654435761) % 4294967296}, 'item ${seed}');\n`;
  return line.repeat(Math.ceil(length / line.length)).slice(0, length);
}

/** A MiB that nothing can compress. */
function createNoise(seed: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(MIB));
}
