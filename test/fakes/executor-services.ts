import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildContext } from '../../src/context/index.ts';
import { MkimageError } from '../../src/errors.ts';
import { executePlan, type StageResult } from '../../src/executor/index.ts';
import type { ExecutorServices, StepSettings } from '../../src/executor/services.ts';
import type { BuildPlan, PlanRequest } from '../../src/plan/index.ts';
import type { Call, ProgressEvent } from '../../src/progress.ts';
import { planOf } from '../plan/plan-support.ts';
import { tempDir } from '../support/temp.ts';
import { type Sketch, treeOf } from '../support/tree-of.ts';
import { memoryCache } from './memory-cache.ts';
import { type MemoryLayers, memoryLayers } from './memory-layers.ts';
import { type MemoryRoots, memoryRoots, type Program } from './memory-roots.ts';

export const SETTINGS: StepSettings = {
  network: 'default',
  hosts: '127.0.0.1\tlocalhost\n',
  resolvConf: undefined,
  hostname: 'step',
  shmSize: 1 << 20,
  ulimits: [],
  authorities: [],
};

const root = tempDir('executor');

export type Files = Readonly<Record<string, Sketch>>;

/** A context that holds a sketch, and what was listed of it. */
export function contextWith(files: Files, scanned: string[] = []): BuildContext {
  return {
    name: 'memory',
    scan: async (paths) => {
      scanned.push(...paths);
      return treeOf(files);
    },
    ignoredBy: () => undefined,
    similar: async () => [],
    save: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** One store and machine in memory, on which plans can be run one after the other. */
export interface Workshop {
  readonly services: ExecutorServices;
  readonly layers: MemoryLayers;
  readonly roots: MemoryRoots;
  /** Runs a build file over the files of its context. */
  build(text: string, more?: Building): Promise<Built>;
}

export interface Building {
  readonly files?: Files;
  readonly plan?: Partial<PlanRequest>;
  readonly epoch?: number;
  readonly signal?: AbortSignal;
  readonly services?: Partial<ExecutorServices>;
  /** Hears of events as they come. */
  readonly hear?: (event: ProgressEvent) => void;
}

export interface Built extends StageResult {
  readonly events: readonly ProgressEvent[];
  /** What became of each step: `cached 0/2`, `ran 0/2`, `failed 0/2`. */
  readonly steps: readonly string[];
  /** Why steps had to run. */
  readonly reasons: readonly string[];
  /** The files of the result with what they hold; directories end in a slash. */
  readonly files: readonly string[];
}

export function workshop(program?: Program): Workshop {
  const layers = memoryLayers();
  const roots = memoryRoots(program);
  const home = mkdtempSync(join(root, 'w-'));
  const folder = (name: string): string => {
    mkdirSync(join(home, name), { recursive: true });
    return join(home, name);
  };
  let seconds = 0;
  const services: ExecutorServices = {
    ...layers,
    ...roots,
    cache: memoryCache(),
    skipsCache: () => false,
    slotScope: () => 'test',
    placeScope: () => 'test',
    context: async () => contextWith({}),
    describeMissing: async (_source, path) => ({ message: `\`${path}\` is not there`, hint: 'look for it' }),
    remote: { http: nothingRemote, git: nothingRemote },
    secrets: { secret: async () => undefined, sshAgent: async () => undefined },
    settings: SETTINGS,
    now: () => new Date(++seconds * 1000).toISOString(),
    scratch: folder('tmp'),
    maker: { name: 'me', livenessOf: () => 'alive' },
    logs: folder('logs'),
    mounts: folder('mounts'),
    tryLock: async () => ({ [Symbol.asyncDispose]: async () => {} }),
  };
  const build: Workshop['build'] = async (text, { files = {}, plan, epoch, ...more } = {}) => {
    const made: BuildPlan = { ...planOf(text, plan), epoch };
    return run(made, { ...services, context: async () => contextWith(files), ...more.services }, more);
  };
  return { services, layers, roots, build };
}

async function nothingRemote(): Promise<never> {
  throw new MkimageError('network', 'fetch: there is no network here');
}

async function run(plan: BuildPlan, services: ExecutorServices, { signal, hear }: Building): Promise<Built> {
  const events: ProgressEvent[] = [];
  const report = (event: ProgressEvent): void => {
    events.push(event);
    hear?.(event);
  };
  const call: Call = { signal: signal ?? new AbortController().signal, report };
  const [result] = await executePlan({ ...plan, targets: [plan.target] }, services, call);
  if (result === undefined) throw new Error('the plan has no target');
  return {
    ...result,
    events,
    steps: stepsIn(events),
    reasons: events.flatMap((event) => (event.type === 'step-missed' ? [event.reason] : [])),
    files: await filesOf(services, result),
  };
}

const WORDS: Readonly<Record<string, string>> = {
  'step-cached': 'cached',
  'step-finished': 'ran',
  'step-failed': 'failed',
};

/** What became of each step, in the order in which that was known. */
export function stepsIn(events: readonly ProgressEvent[]): readonly string[] {
  return events.flatMap((event) =>
    WORDS[event.type] !== undefined && 'step' in event ? [`${WORDS[event.type]} ${event.step}`] : [],
  );
}

async function filesOf({ treeOf: tree }: ExecutorServices, { chain }: StageResult): Promise<readonly string[]> {
  const merged = await tree(chain, { signal: new AbortController().signal, report: () => {} });
  const lines: string[] = [];
  for (const directories = ['']; directories.length > 0; ) {
    for (const { path, type } of merged.list(directories.pop()!)) {
      if (type === 'directory') directories.push(path);
      const location = type === 'file' ? await merged.locate(path) : undefined;
      const text = location?.kind === 'bytes' ? `: ${Buffer.from(location.bytes)}` : '';
      lines.push(`${path}${type === 'directory' ? '/' : ''}${text}`);
    }
  }
  return lines.sort();
}
