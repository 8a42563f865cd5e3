/** Containers: what they are, how they live, and who reads their output. Knows no names of images and no HTTP. */

export { readChanges } from './archive/changes.ts';
export { extractTar } from './archive/extract.ts';
export { withFiles, withRoot } from './archive/held-root.ts';
export { readOwner } from './archive/owner.ts';
export { packTree } from './archive/pack.ts';
export { baseOf, statPath } from './archive/path-stat.ts';
export { type Place, RootView } from './archive/root-view.ts';
export {
  type ContainerDraft,
  createContainer,
  findContainer,
  holdNames,
  isGoneError,
  listRecords,
  refuseTaken,
  requireValidName,
} from './containers.ts';
export { readEvents, tellEvent } from './events.ts';
export { createExec, describeExec, findExec } from './exec/create-exec.ts';
export { isExecRunning, listExecs } from './exec/exec-folder.ts';
export { type RunningExec, startExec } from './exec/start-exec.ts';
export { type ContainerHome, formatTime, type NetworkAccess, type VolumeAccess } from './home.ts';
export { connectToMonitor, resizeContainer } from './life/connect.ts';
export { finishRun } from './life/finish.ts';
export { holdContainer, isMonitored, takeMonitorLock } from './life/locks.ts';
export { readLogOptions } from './life/log-options.ts';
export type { OutputListener } from './life/monitor.ts';
export { writeNetworkFiles } from './life/network-files.ts';
export { pauseContainer, unpauseContainer } from './life/pause.ts';
export { readPrivileges } from './life/privileges.ts';
export { removeContainer } from './life/remove.ts';
export { isAlive, settle } from './life/settle.ts';
export { type StartedRun, type StartOptions, startRun } from './life/start.ts';
export { killContainer, type StopOptions, stopContainer } from './life/stop.ts';
export { tellContainer } from './life/tell.ts';
export { waitForContainer } from './life/wait.ts';
export {
  ContainerFolder,
  type ContainerRecord,
  type ContainerState,
  type Endpoint,
} from './record.ts';
export { parseSignal } from './signals.ts';
export { ensureSupervisor, supervise } from './supervisor.ts';
export { listProcesses } from './usage/list-processes.ts';
export { readStats } from './usage/read-stats.ts';
export { updateContainer } from './usage/update.ts';
export {
  createVolume,
  fillVolume,
  isAnonymous,
  listVolumes,
  readVolume,
  removeVolume,
  type VolumeHome,
} from './volumes.ts';
