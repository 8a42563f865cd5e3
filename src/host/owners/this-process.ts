/** What only Node can say of this process and its machine. Nothing between here and the doors asks Node itself. */

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Whose the files are that this process makes. */
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

/** The version of a library that Node was built with; undefined: it has none of that name. */
export function libraryVersion(name: string): string | undefined {
  return (process.versions as Readonly<Record<string, string | undefined>>)[name];
}

/** Kills a process at once, or a group of them (a negative id). What has ended already is no fault. Throws for what is not ours. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
