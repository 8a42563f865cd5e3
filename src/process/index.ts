/** A process in an image: argv, environment, user, limits, its output, and hiding secrets in that output. */
export { type AskedCommand, healthcheckArgv, shellArgv } from './argv.ts';
export { type AskedProcess, containerProcess } from './container-process.ts';
export { type ContainerNames, DEFAULT_PATH, hasVariable, mergeEnvironment } from './environment.ts';
export { JsonLog } from './log/json-log.ts';
export { type LogEntry, type LogSelection, readJsonLog } from './log/read-json-log.ts';
export { encodeFrame, FrameDecoder, type StreamName } from './log/stream-frames.ts';
export { type ImageProcess, type ProcessRequest, resolveProcess } from './process-spec.ts';
export { Redactor } from './redact.ts';
export { type FollowTarget, follow, RunLog } from './run-log.ts';
export { DEFAULT_SHM_SIZE, type Ulimit } from './ulimits.ts';
export { lookupGroups, lookupHome, lookupOwner, lookupUser, type OwnerIds, type UserIds } from './users.ts';
