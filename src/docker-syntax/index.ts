/** How Docker and buildx write what a build is told, in one text each: for every door that takes such texts. Pure. */
export { readBuildFileInput, readContext, readNamedContexts } from './contexts.ts';
export { cutPair, readPairs, splitCommas } from './csv.ts';
export { readTag } from './names.ts';
export { parseAnnotation } from './outputs/annotation.ts';
export { parseOutput } from './outputs/output.ts';
export { readSecret, readSsh } from './secrets.ts';
export { readEntitlement, readExtraHost, readShmSize, readUlimit } from './step-settings.ts';
