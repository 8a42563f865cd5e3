/** Compresses one member; members that follow each other are one stream. */
export type MemberEncoder = (member: Buffer) => Promise<Uint8Array>;
