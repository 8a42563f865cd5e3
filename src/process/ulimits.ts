/** Resource limits of a process (`setrlimit(2)`). */
/** One limit; -1 is none. */
export interface Ulimit {
  /** As Docker writes it: `nofile`. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Bytes of /dev/shm where nothing else is asked for. */
export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;
