import { Transform, type TransformCallback } from 'node:stream';
import { tooLong } from './arguments.ts';
import type { ExitStatus, ProcessSpec, RunningProcess } from './index.ts';
import { complaintOf } from './starter/exec-lines.ts';

/** Exit codes of a runtime that failed at execve(2). */
const LATE: readonly number[] = [1, 255];
/** Maximum length of an error message: a path of 4,096 bytes, as JSON. */
const LONGEST = 32 * 1024;

/**
 * If execve(2), the last call of a runtime, fails, its log is already closed: the runtime writes the error to the output of the step
 * (crun as JSON) and ends with 1. This function replaces it with the message and exit code that the other isolations give.
 */
export function replaceComplaint(running: RunningProcess, { args }: ProcessSpec): RunningProcess {
  const stderr = new ComplaintReader(args[0] ?? '');
  running.stderr.on('error', (error) => stderr.destroy(error));
  running.stderr.pipe(stderr);
  const exited = running.exited.then(async (status): Promise<ExitStatus> => {
    if (status.signal !== undefined || !LATE.includes(status.code)) return status;
    const complaint = await stderr.complaint;
    return complaint === undefined ? status : { code: codeOf(complaint), signal: undefined };
  });
  exited.catch(() => {});
  return { ...running, stderr, exited };
}

/** Returns 127 for a program that is not found, 126 for one that cannot be run. Throws if its arguments are too long. */
export function codeOf(complaint: string): 126 | 127 {
  if (/argument list too long/i.test(complaint)) throw tooLong();
  return ABSENT.test(complaint) ? 127 : 126;
}

/** ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP, as both runtimes report them. */
const ABSENT =
  /not found in|no such file or directory|not a directory|file name too long|too many levels of symbolic links/i;

/** Passes all output through, except an error message of the runtime that is the only output. */
class ComplaintReader extends Transform {
  /** The error message, if the output came from the runtime. */
  readonly complaint: Promise<string | undefined>;
  readonly #program: string;
  #decide!: (complaint: string | undefined) => void;
  #held: Buffer | undefined = Buffer.alloc(0);

  constructor(program: string) {
    super();
    this.#program = program;
    this.complaint = new Promise((decide) => {
      this.#decide = decide;
    });
    this.once('close', () => this.#decide(undefined));
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    done(null, this.#pass(chunk));
  }

  override _flush(done: TransformCallback): void {
    const held = this.#held ?? Buffer.alloc(0);
    const complaint = readComplaint(held.toString(), this.#program);
    this.#decide(complaint);
    done(null, complaint === undefined ? held : complaintOf(this.#program));
  }

  /** Output that cannot be an error message of the runtime. */
  #pass(chunk: Buffer): Buffer {
    if (this.#held === undefined) return chunk;
    this.#held = Buffer.concat([this.#held, chunk]);
    if (mayBecomeComplaint(this.#held, this.#program)) return Buffer.alloc(0);
    const passed = this.#held;
    this.#held = undefined;
    this.#decide(undefined);
    return passed;
  }
}

const BEGINNINGS: readonly string[] = ['{"msg":"exec container process ', 'exec /'];

/** Returns true as long as the output can still become an error message of the runtime. */
function mayBecomeComplaint(bytes: Buffer, program: string): boolean {
  const text = bytes.toString();
  if (text.includes('\n')) return readComplaint(text, program) !== undefined;
  return bytes.length < LONGEST && BEGINNINGS.some((begin) => text.startsWith(begin.slice(0, text.length)));
}

/** Parses the error line of crun (JSON) or runc (`exec /program: no such file or directory`) about a program. */
function readComplaint(text: string, program: string): string | undefined {
  const line = /^(.*)\n$/.exec(text)?.[1];
  if (line === undefined) return undefined;
  const said = line.startsWith('{') ? messageIn(line) : line;
  const [, path, reason] =
    /^exec (?:container process (?:\([^)]*\) )?`(?=.*`:))?(.*?)`?: ([^:]*)$/.exec(said ?? '') ?? [];
  return path?.endsWith(program) ? reason : undefined;
}

function messageIn(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line);
    return level === 'error' && typeof msg === 'string' ? msg : undefined;
  } catch {
    return undefined;
  }
}
