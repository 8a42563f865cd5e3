/** What the machine offers and Node does not say well. */
export { closeInheritedOnExec, openPipe } from './descriptors.ts';
export { diskBytes } from './disk-bytes.ts';
export { descriptorPath, openDirectory, openExactly } from './exact-path.ts';
export { openMemoryFile } from './memory-file.ts';
export { type Device, deviceOf, makeNode } from './nodes.ts';
export { protectedRealPath, requireOwnPipe } from './real-path.ts';
export { kindOf, readExactFile, readRegularFile } from './regular-file.ts';
export { removeApart } from './remove-apart.ts';
export { removeHeld } from './remove-held.ts';
export { removeTree, removeTreeInTurns } from './remove-tree.ts';
export { renameOver } from './rename-over.ts';
export { setTimes } from './times.ts';
export { walkTree } from './walk-tree.ts';
export { writeWholeFile } from './whole-file.ts';
export { getXattr, listXattrs, setXattr, setXattrThrough } from './xattrs.ts';
