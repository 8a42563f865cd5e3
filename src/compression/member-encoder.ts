/** Compresses one member. The concatenation of compressed members is one valid stream. */
export type MemberEncoder = (member: Buffer) => Promise<Uint8Array>;
