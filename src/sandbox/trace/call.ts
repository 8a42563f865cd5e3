/** One system call of a traced process that is stopped before it. */
import type { Credentials } from './credentials.ts';
import type { PathSpace, Resolved } from './path-space.ts';
import type { Tracee } from './tracee.ts';

/** What the kernel does not keep for the step. Threads share it, new processes get a copy. */
export interface TracedState {
  credentials: Credentials;
  umask: number;
  /** The name of the program in the step. */
  program: string;
}

/** The result of a call that was made here: 0 or more, or the negative errno. Undefined: the kernel makes the call. */
export type Outcome = number | undefined;
export type Handler = (call: TracedCall) => Outcome;

const AT_FDCWD = -100;

/** How a handler answers after the kernel has made the call. */
export type Afterwards = (result: number) => number | undefined;

export class TracedCall {
  readonly tracee: Tracee;
  readonly state: TracedState;
  readonly #space: PathSpace;
  /** Set if arguments were replaced: the registers before. */
  before: BigUint64Array | undefined;
  afterwards: Afterwards | undefined;

  constructor(tracee: Tracee, state: TracedState, space: PathSpace) {
    this.tracee = tracee;
    this.state = state;
    this.#space = space;
  }

  get pid(): number {
    return this.tracee.pid;
  }

  number(index: number): number {
    return this.tracee.number(index);
  }

  string(index: number): string {
    return this.tracee.string(this.tracee.argument(index));
  }

  /** Resolves the name in an argument. `at`: the argument with the descriptor of the directory. */
  path(index: number, { at, follow }: { readonly at?: number; readonly follow: boolean }): Resolved {
    return this.resolve(this.string(index), { descriptor: at === undefined ? AT_FDCWD : this.number(at), follow });
  }

  resolve(
    text: string,
    { descriptor = AT_FDCWD, follow }: { readonly descriptor?: number; readonly follow: boolean },
  ): Resolved {
    if (text === '') throw Object.assign(new Error('no name'), { errno: -2 });
    const start = text.startsWith('/') ? '/' : this.#space.guestOfLink(this.linkOf(descriptor));
    return this.#space.resolve(start, text, { pid: this.pid, follow });
  }

  /** The name that the step has for a path of the host; undefined if it has none. */
  nameOf(host: string): string | undefined {
    return this.#space.guestOf(host);
  }

  /** The link of a descriptor in /proc. */
  linkOf(descriptor: number): string {
    return descriptor === AT_FDCWD ? `/proc/${this.pid}/cwd` : `/proc/${this.pid}/fd/${descriptor}`;
  }

  /** Lets the kernel make the call with another name. */
  replace(index: number, host: Buffer): void {
    this.replaceArgument(index, this.tracee.push(Buffer.concat([host, Buffer.of(0)])));
  }

  replaceArgument(index: number, value: bigint): void {
    this.before ??= this.tracee.copy();
    this.tracee.setArgument(index, value);
  }
}
