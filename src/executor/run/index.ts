/** RUN: runs a command in a sandbox on top of a chain, with its mounts, and makes a layer of what it changed. */
export { keyOfCacheMount } from './cache-mount.ts';
export { certificatesIn, pemOf } from './certificates/pem.ts';
export { type RunKeeping, type RunServices, runWork } from './run-work.ts';
export { removeFoldersOfDead } from './step-folder.ts';
export { Sweep } from './sweep.ts';
