/** RUN: a snapshot of the chain, a sandbox on it, and what the command changed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { type Change, lookupHome, lookupUser } from '../../layer/index.ts';
import type { RunStep } from '../../plan/index.ts';
import type { Call, StepId } from '../../progress.ts';
import type { ExitStatus, ProcessSpec, SandboxSpec } from '../../sandbox/index.ts';
import type { ActiveSnapshot } from '../../snapshot/index.ts';
import type { Chain } from '../chain.ts';
import { prepareMounts, type ReadyMounts } from '../mounts.ts';
import { follow, RunLog } from '../output/run-log.ts';
import type { ExecutorServices } from '../services.ts';
import type { SourceTrees } from '../source-trees.ts';
import { makeStepFolder, retireStepFolder } from '../step-folder.ts';
import type { Sweep } from '../sweep.ts';

export interface RunContext {
  readonly services: ExecutorServices;
  readonly sources: SourceTrees;
  readonly chain: Chain;
  readonly step: RunStep;
  readonly id: StepId;
  readonly sweep: Sweep;
  readonly call: Call;
}

/** Runs the command and hands what it changed to `seal`, while the snapshot is still there. */
export async function runCommand<T>(
  run: RunContext,
  seal: (changes: Iterable<Change>, snapshot: ActiveSnapshot) => Promise<T>,
): Promise<T> {
  const { services, chain, call } = run;
  const scratch = makeStepFolder(services, run.id);
  try {
    const snapshotter = await services.snapshotter();
    await using snapshot = await snapshotter.prepare(chain.layers, call);
    await using mounts = await prepareMounts(run, scratch);
    const mountPoints = await runInSandbox(run, snapshot, mounts, scratch);
    return await seal(snapshot.changes({ exclude: mountPoints }), snapshot);
  } finally {
    run.sweep.remove(retireStepFolder(scratch));
  }
}

async function runInSandbox(
  run: RunContext,
  snapshot: ActiveSnapshot,
  mounts: ReadyMounts,
  scratch: string,
): Promise<ReadonlySet<string>> {
  const { services, call, id } = run;
  const sandbox = await services.sandbox();
  const spec = await sandboxSpec(run, snapshot, mounts, join(scratch, 'sandbox'));
  using log = new RunLog(join(services.logs, `${spec.id}.log`));
  const child = await sandbox.start(spec, call.signal);
  const to = { step: id, log, call, secrets: mounts.secrets };
  const [status] = await Promise.all([
    child.exited,
    follow(child.stdout, 'stdout', to),
    follow(child.stderr, 'stderr', to),
  ]);
  if (call.signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: call.signal.reason });
  if (status.code !== 0) throw stepFailed(run, status, log);
  return child.mountPoints;
}

async function sandboxSpec(
  run: RunContext,
  snapshot: ActiveSnapshot,
  mounts: ReadyMounts,
  scratch: string,
): Promise<SandboxSpec> {
  const { settings } = run.services;
  mkdirSync(scratch, { mode: 0o700 });
  return {
    id: `mkimage-${process.pid}-${run.id.replace(/[^\w-]/g, '-')}`,
    scratch,
    rootfs: snapshot.rootfs,
    process: await processSpec(run, mounts),
    mounts: mounts.mounts,
    hosts: settings.hosts,
    resolvConf: settings.resolvConf,
  };
}

async function processSpec(run: RunContext, mounts: ReadyMounts): Promise<ProcessSpec> {
  const { step, services, chain, call } = run;
  const { settings } = services;
  // Names are looked up in the root filesystem as it is before the step.
  const tree = await services.treeOf(chain, call);
  const user = await lookupUser(tree, step.user);
  const env = [...step.env, ...step.unkeyedEnv, ...mounts.env];
  const hasHome = env.some((pair) => pair.startsWith('HOME='));
  return {
    args: step.args,
    env: hasHome ? env : [...env, `HOME=${await lookupHome(tree, user.uid)}`],
    cwd: step.workdir,
    uid: user.uid,
    gid: user.gid,
    // The primary group among them, as BuildKit has it: a step cannot shed a group that would deny it something.
    additionalGids: [user.gid, ...user.additionalGids.filter((gid) => gid !== user.gid)],
    hostname: settings.hostname,
    security: step.security,
    network: networkOf(run),
    ulimits: settings.ulimits,
    shmSize: settings.shmSize,
  };
}

function networkOf({ step, services }: RunContext): 'host' | 'none' {
  const wanted = step.network === 'default' ? services.settings.network : step.network;
  return wanted === 'none' ? 'none' : 'host';
}

function stepFailed(run: RunContext, status: ExitStatus, log: RunLog): MkimageError {
  const how = status.signal === undefined ? `exit code: ${status.code}` : `killed by ${status.signal}`;
  return new MkimageError(
    'step-failed',
    `process \`${run.step.args.join(' ')}\` did not complete successfully: ${how}`,
    {
      ...failureHint(run, status, log),
      details: {
        exitCode: status.code,
        signal: status.signal,
        step: run.step.name,
        range: run.step.range,
        tail: log.tail,
        log: log.isEmpty ? undefined : log.file,
      },
    },
  );
}

/** What the exit codes that every shell has mean. */
function failureHint({ step }: RunContext, { code }: ExitStatus, log: RunLog): { readonly hint?: string } {
  const [program = ''] = step.args;
  const [said = '', ...more] = log.tail;
  // A shell begins its complaints with its own name; the runtime that did not find it does not.
  const isProgramMissing = more.length === 0 && said.includes(program) && !said.startsWith(`${program}:`);
  if (code === 127 && isProgramMissing) return { hint: missingProgram(program) };
  switch (code) {
    case 126:
      return { hint: 'it may not be executed: a file needs mode 0755 and a format that the kernel knows' };
    case 127:
      return { hint: 'a command was not found: is it installed, and in PATH?' };
    case 137:
      return { hint: 'it was killed, perhaps because memory ran out' };
    default:
      return {};
  }
}

function missingProgram(program: string): string {
  const what = `there is no \`${program}\` in the image`;
  return /\/(?:ba|da|a)?sh$/.test(program) ? `${what}: take a base that has a shell, or copy files instead` : what;
}
