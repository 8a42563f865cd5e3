/** Resource limits of a process (`setrlimit(2)`). */
/** One limit; -1 is unlimited. */
export interface Ulimit {
  /** Docker's name of the limit, for example `nofile`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Default size of /dev/shm in bytes. */
export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;
