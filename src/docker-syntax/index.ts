/** Reads flag values in the syntax of Docker and buildx. Pure. */

export { parseCacheFrom, parseCacheTo } from './caches/cache.ts';
export { readContainerMount } from './containers/mount.ts';
export { readEndpoints, readNetwork } from './containers/network.ts';
export { readPorts } from './containers/ports.ts';
export { readDevice, readGoDuration, readRestartPolicy } from './containers/settings.ts';
export { readBuildFileInput, readContext, readNamedContexts } from './contexts.ts';
export { cutPair, readPairs, splitCommas } from './csv.ts';
export { DetachKeys } from './detach-keys.ts';
export { readTag } from './names.ts';
export { parseAnnotation } from './outputs/annotation.ts';
export { parseOutput } from './outputs/output.ts';
export { readSecret, readSsh } from './secrets.ts';
export { readEntitlement, readExtraHost, readShmSize, readUlimit } from './step-settings.ts';
