/** Facts about this process and its machine. The rooms between `host` and `cli` do not read them from Node. */

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The owner of files that this process creates. */
export function thisUser(): { readonly uid: number; readonly gid: number } {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}

export function thisProcessId(): number {
  return process.pid;
}

/** Node's name of the machine's processor: `x64`, `arm64`. */
export function thisProcessor(): string {
  return process.arch;
}

/** The path of Node. */
export function thisProgram(): string {
  return process.execPath;
}

/** Returns the version of a library that Node contains; undefined if there is no library of that name. */
export function readLibraryVersion(name: string): string | undefined {
  return (process.versions as Readonly<Record<string, string | undefined>>)[name];
}

/** Kills a process, or a process group (negative id). Ignores one that has ended. Throws if this process may not kill it. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Sends a signal, by name or number. Returns false if the process has ended. Throws if this process may not send it. */
export function sendSignal(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
