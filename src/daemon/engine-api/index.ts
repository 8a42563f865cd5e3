/** The daemon: Docker's Engine API over HTTP. */
export { type DaemonOptions, runDaemon } from './daemon.ts';
export { parseAddress } from './listen/address.ts';
