import { Readable } from 'node:stream';
import type { Isolation } from '../../src/executor/services.ts';
import type { Change } from '../../src/layer/index.ts';
import type { ExitStatus, RunningProcess, SandboxSpec } from '../../src/sandbox/index.ts';
import type { ActiveSnapshot } from '../../src/snapshot/index.ts';

/** What a program does to a root that is not there. */
export interface Outcome {
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly changes?: readonly Change[];
}

export type Program = (spec: SandboxSpec, signal: AbortSignal) => Outcome | Promise<Outcome>;

/** Snapshots and a sandbox that only remember: programs are functions, and what they change is a list. */
export interface MemoryRoots extends Isolation {
  /** What was done, in order: `prepare 1`, `run true`, `look`, `commit`, `drop`, `view 2`, `unview`. */
  readonly log: readonly string[];
  readonly specs: readonly SandboxSpec[];
  /** What `verifyBase` of the next snapshots throws. */
  fault: Error | undefined;
}

export function memoryRoots(program: Program = memoryShell): MemoryRoots {
  const log: string[] = [];
  const specs: SandboxSpec[] = [];
  const changed = new Map<string, readonly Change[]>();
  let count = 0;
  const roots: MemoryRoots = {
    log,
    specs,
    fault: undefined,
    snapshotter: async () => ({
      name: 'memory',
      prepare: async (layers) => {
        log.push(`prepare ${layers.length}`);
        count += 1;
        return activeSnapshot(`/memory/${count}`);
      },
      view: async (layers) => {
        log.push(`view ${layers.length}`);
        const end = async () => void log.push('unview');
        return { lowers: layers.map(({ diffId }) => `/memory/${diffId}`).reverse(), [Symbol.asyncDispose]: end };
      },
      changesOf: () => [],
      usage: () => [],
      isSound: async () => true,
      forget: async () => {},
      prune: async () => 0,
    }),
    sandbox: async () => ({
      name: 'memory',
      probe: async () => ({ usable: true, detail: 'memory' }),
      start: async (spec, signal) => {
        log.push(`run ${spec.process.args.at(-1)}`);
        specs.push(spec);
        return running(spec, signal);
      },
    }),
  };
  return roots;

  function activeSnapshot(path: string): ActiveSnapshot {
    return {
      rootfs: { kind: 'directory', path },
      changes: ({ exclude }) => {
        log.push('look');
        return (changed.get(path) ?? []).filter((change) => !exclude.has(pathOf(change)));
      },
      verifyBase: async () => {
        if (roots.fault !== undefined) throw roots.fault;
      },
      commit: async () => void log.push('commit'),
      [Symbol.asyncDispose]: async () => void log.push('drop'),
    };
  }

  function running(spec: SandboxSpec, signal: AbortSignal): RunningProcess {
    const outcome = Promise.resolve().then(() => program(spec, signal));
    const exited = outcome.then(({ code = 0, signal: by, changes = [] }): ExitStatus => {
      if (spec.rootfs.kind === 'directory') changed.set(spec.rootfs.path, changes);
      return { code, signal: by };
    });
    return {
      stdout: Readable.from(said(outcome, 'stdout'), { objectMode: false }),
      stderr: Readable.from(said(outcome, 'stderr'), { objectMode: false }),
      exited,
      kill: () => void log.push('kill'),
      mountPoints: new Set(spec.mounts.map(({ target }) => target.slice(1))),
    };
  }
}

async function* said(outcome: Promise<Outcome>, stream: 'stdout' | 'stderr'): AsyncIterable<Buffer> {
  const text = await outcome.then(
    (all) => all[stream] ?? '',
    () => '',
  );
  if (text !== '') yield Buffer.from(text);
}

function pathOf(change: Change): string {
  return change.kind === 'put' ? change.entry.path : change.path;
}

/**
 * Knows `put PATH TEXT`, `say TEXT`, `nothing`, `fail CODE`, `env NAME`, and `wait`, which ends with the signal; several with
 * `; ` between them.
 */
export async function memoryShell({ process }: SandboxSpec, signal: AbortSignal): Promise<Outcome> {
  const changes: Change[] = [];
  let stdout = '';
  for (const command of (process.args.at(-1) ?? '').split('; ')) {
    const [verb = '', word = '', ...rest] = command.split(' ');
    if (verb === 'fail') return { code: Number(word), stdout, stderr: 'it is broken\n' };
    if (verb === 'wait') return ended(signal);
    if (verb === 'put') changes.push(filePut(word, rest.join(' ')));
    else if (verb === 'say') stdout += `${[word, ...rest].join(' ')}\n`;
    else if (verb === 'env') stdout += `${process.env.find((pair) => pair.startsWith(`${word}=`)) ?? ''}\n`;
    else if (verb !== 'nothing') return { code: 127, stderr: `sh: ${verb}: not found\n` };
  }
  return { stdout, changes };
}

function ended(signal: AbortSignal): Promise<Outcome> {
  const killed: Outcome = { code: 137, signal: 'SIGKILL' };
  if (signal.aborted) return Promise.resolve(killed);
  return new Promise((settle) => signal.addEventListener('abort', () => settle(killed), { once: true }));
}

function filePut(path: string, text: string): Change {
  const bytes = Buffer.from(text);
  const entry = { path, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtime: 1 } as const;
  return { kind: 'put', entry, content: { kind: 'bytes', bytes } };
}
