/** Access to the host: system calls, files, locks and directory trees, where Node's own functions are not enough. */
export { closeInheritedOnExec, openPipe } from './calls/descriptors.ts';
export { attachDeviceProgram } from './calls/device-program.ts';
export { openMemoryFile } from './calls/memory-file.ts';
export { type Device, decodeDevice, encodeDevice, makeNode } from './calls/nodes.ts';
export {
  dieWithParent,
  PTRACE,
  readEventMessage,
  resumeProcess,
  seizeProcess,
  TRACE_EVENT,
  transferRegisters,
  waitForProcess,
} from './calls/ptrace.ts';
export {
  copyDescriptor,
  openPseudoTerminal,
  openPseudoTerminalOf,
  type PseudoTerminal,
  passOutput,
  resizeTerminal,
  streamOfTerminal,
  type WindowSize,
} from './calls/terminal.ts';
export { setTimes } from './calls/times.ts';
export { getXattr, listXattrs, setXattr, setXattrThrough } from './calls/xattrs.ts';
export { writeAtomically } from './files/atomic-write.ts';
export { ExactFiles } from './files/exact-files.ts';
export { descriptorPath, openDirectory, openExactly } from './files/exact-path.ts';
export { findHostProgram, HOST_FOLDERS, HOST_PATH } from './files/host-program.ts';
export { makeDirectories } from './files/make-directories.ts';
export { markUsed } from './files/mark-used.ts';
export { openPipeReader, readPipe } from './files/read-pipe.ts';
export { collect, readStream, readUntilCancelled } from './files/read-stream.ts';
export { requireOwnPipe, resolveRealPath } from './files/real-path.ts';
export { kindOf, readExactFile, readRegularFile } from './files/regular-file.ts';
export { renameOver } from './files/rename-over.ts';
export { replaceFile } from './files/replace-file.ts';
export { writeWholeFile } from './files/whole-file.ts';
export { ENTERED, enterUserNamespace } from './namespaces/enter-user-namespace.ts';
export { describeUser, hasSingleId, isInUserNamespace, isMappedId } from './namespaces/id-maps.ts';
export { readFileClock } from './owners/file-clock.ts';
export { createOwnedName, parseOwner } from './owners/file-name.ts';
export { FileLock } from './owners/lock.ts';
export { type Liveness, livenessOf, ownerOf } from './owners/owner.ts';
export { secureFolders } from './owners/secure-folders.ts';
export { errnoOf, toStoreError, withStoreErrors } from './owners/store-error.ts';
export {
  isRoot,
  killProcess,
  readLibraryVersion,
  sendSignal,
  thisProcessId,
  thisProcessor,
  thisProgram,
  thisUser,
} from './owners/this-process.ts';
export { tryLock } from './owners/try-lock.ts';
export { ConfinedDirectory } from './trees/confined-directory.ts';
export { copyStack } from './trees/copy-stack.ts';
export { copyTree, copyTreeSync } from './trees/copy-tree.ts';
export { measureDiskBytes } from './trees/disk-bytes.ts';
export { readLowerAttributes, setAttributes, toDiskTime } from './trees/host-attributes.ts';
export { listHostNames, readHostEntry } from './trees/host-entry.ts';
export { markDeleted, markOpaque } from './trees/overlay-marks.ts';
export { type Child, findInStack, isOpaque, isWhiteout, type Stack } from './trees/overlay-stack.ts';
export {
  hostModeOf,
  type RecordedAttributes,
  readRecord,
  recordAllAttributes,
  recordsAttributes,
  writeRecord,
} from './trees/recorded-attributes.ts';
export { removeByDescriptor } from './trees/remove-by-descriptor.ts';
export { removeInProcesses } from './trees/remove-in-processes.ts';
export { removeTree, removeTreeAsync } from './trees/remove-tree.ts';
export { walkTree } from './trees/walk-tree.ts';
