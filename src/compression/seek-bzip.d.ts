/** The part of seek-bzip 2.0.0 that src/compression/bunzip2.ts uses: the steps of its `decode` function. The package has no types. */
declare module 'seek-bzip' {
  interface ByteSource {
    readByte(): number;
    read(buffer: Uint8Array, offset: number, length: number): number;
    seek(position: number): void;
  }
  interface ByteSink {
    writeByte(byte: number): void;
  }
  export default class Bunzip {
    constructor(input: ByteSource, output: ByteSink);
    readonly reader: { read(bits: number): number };
    readonly streamCRC: number;
    /** Reads the next block's header; false at the end of a stream. */
    _init_block(): boolean;
    /** Writes the block's bytes to the output. */
    _read_bunzip(): void;
    _start_bunzip(input: ByteSource, output: ByteSink): void;
  }
}
