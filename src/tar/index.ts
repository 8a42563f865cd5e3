export { startsWithHeader } from './decode.ts';
export type { TarEntry, TarHeader, TarType } from './header.ts';
export { type ReadInto, type TarOutput, TarWriter } from './pack.ts';
export { bytesOfText, textOfBytes, toFsName } from './path-text.ts';
export { type TarHandler, TarReader } from './read.ts';
