/** A processor and a program for it. */
export interface Machine {
  /** `e_machine` of elf(5). */
  readonly elf: number;
  /** A line for each instruction: its bytes in hexadecimal, two blanks, what it says. */
  readonly code: string;
}

/** Where the headers of a program say that it lies. */
const LOAD_ADDRESS = 0x40_0000;
const HEADERS = 64 + 56;

/** A whole program as an ELF file (elf(5)): its header, one segment, the code. It needs no library and no interpreter. */
export function elfProgram({ elf, code }: Machine): Buffer {
  const bytes = bytesOf(code);
  return Buffer.concat([elfHeader(elf), segmentHeader(HEADERS + bytes.length), bytes]);
}

function bytesOf(listing: string): Buffer {
  const lines = listing.trim().split('\n');
  return Buffer.from(
    lines.map((line) => /^[0-9a-f ]+?(?= {2})/.exec(line.trim())![0].replaceAll(' ', '')).join(''),
    'hex',
  );
}

function elfHeader(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1'); // 64 bits, little-endian, version 1
  header.writeUInt16LE(2, 16); // e_type: an executable at a fixed address
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS + HEADERS), 24); // e_entry
  header.writeBigUInt64LE(64n, 32); // e_phoff
  header.writeUInt16LE(64, 52); // e_ehsize
  header.writeUInt16LE(56, 54); // e_phentsize
  header.writeUInt16LE(1, 56); // e_phnum
  return header;
}

/** The file as it is, readable and executable, nowhere writable. */
function segmentHeader(size: number): Buffer {
  const header = Buffer.alloc(56);
  header.writeUInt32LE(1, 0); // PT_LOAD
  header.writeUInt32LE(5, 4); // read, execute
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 16);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  header.writeBigUInt64LE(0x1000n, 48);
  return header;
}
