/** Reads flag values in the syntax of Docker and buildx. Pure. */
export { readBuildFileInput, readContext, readNamedContexts } from './contexts.ts';
export { cutPair, readPairs, splitCommas } from './csv.ts';
export { readTag } from './names.ts';
export { parseAnnotation } from './outputs/annotation.ts';
export { parseOutput } from './outputs/output.ts';
export { readSecret, readSsh } from './secrets.ts';
export { readEntitlement, readExtraHost, readShmSize, readUlimit } from './step-settings.ts';
