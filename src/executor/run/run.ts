/** RUN: makes a snapshot of the chain, runs a sandbox on it, and collects what the command changed. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MkimageError } from '../../errors.ts';
import { thisProcessId } from '../../host/index.ts';
import type { Change } from '../../layer/index.ts';
import { follow, RunLog, resolveProcess } from '../../process/index.ts';
import type { ExitStatus, ProcessSpec, SandboxSpec } from '../../sandbox/index.ts';
import type { ActiveSnapshot } from '../../snapshot/index.ts';
import { failureHint } from './failure/failure-hint.ts';
import { prepareMounts, type ReadyMounts } from './mounts.ts';
import type { RunContext } from './run-context.ts';
import { makeStepFolder, retireStepFolder } from './step-folder.ts';

/** Runs the command, and passes its changes to `seal` while the snapshot still exists. */
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
    call.log?.hide(mounts.secrets);
    const mountPoints = await onSoundGround(snapshot, runInSandbox(run, snapshot, { mounts, scratch }));
    return await seal(snapshot.changes({ exclude: mountPoints }), snapshot);
  } finally {
    run.sweep.remove(retireStepFolder(scratch));
  }
}

/**
 * Checks the layers below the step while it runs. If they are damaged, the result of the step is not valid, not even
 * its failure.
 */
async function onSoundGround<T>(snapshot: ActiveSnapshot, step: Promise<T>): Promise<T> {
  const [ground, result] = await Promise.allSettled([snapshot.verifyBase(), step]);
  if (ground.status === 'rejected') throw ground.reason;
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

interface StepResources {
  readonly mounts: ReadyMounts;
  readonly scratch: string;
}

async function runInSandbox(
  run: RunContext,
  snapshot: ActiveSnapshot,
  { mounts, scratch }: StepResources,
): Promise<ReadonlySet<string>> {
  const { services, call, id } = run;
  const sandbox = await services.sandbox();
  const spec = await sandboxSpec(run, snapshot, { mounts, scratch: join(scratch, 'sandbox') });
  using log = new RunLog(join(services.logs, `${spec.id}.log`));
  const begun = performance.now();
  const child = await sandbox.start(spec, call.signal);
  const show = (stream: 'stdout' | 'stderr') => (text: string) =>
    call.report({ type: 'step-output', step: id, stream, text });
  const [status] = await Promise.all([
    child.exited,
    follow(child.stdout, { log, call, secrets: mounts.secrets, show: show('stdout') }),
    follow(child.stderr, { log, call, secrets: mounts.secrets, show: show('stderr') }),
  ]).catch(async (error: unknown) => {
    // For example, the log cannot be written: the step must not continue in a snapshot that is about to be removed.
    child.kill();
    await child.exited.catch(() => {});
    throw error;
  });
  call.log?.debug('sandbox', 'process ended', {
    step: id,
    isolation: sandbox.name,
    root: spec.rootfs.kind,
    network: spec.process.network,
    security: spec.process.security,
    mounts: spec.mounts.length,
    code: status.code,
    signal: status.signal,
    ms: Math.round(performance.now() - begun),
  });
  if (call.signal.aborted) throw new MkimageError('cancelled', 'cancelled', { cause: call.signal.reason });
  if (status.code !== 0) throw await stepFailed(run, status, log);
  return child.mountPoints;
}

async function sandboxSpec(
  run: RunContext,
  snapshot: ActiveSnapshot,
  { mounts, scratch }: StepResources,
): Promise<SandboxSpec> {
  const { settings } = run.services;
  mkdirSync(scratch, { mode: 0o700 });
  return {
    id: `mkimage-${thisProcessId()}-${run.id.replace(/[^\w-]/g, '-')}`,
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
  const { hostname, ulimits, shmSize } = services.settings;
  const { args, user, workdir, security } = step;
  const env = [...step.env, ...step.unkeyedEnv, ...mounts.env];
  const tree = await services.treeOf(chain, call);
  const process = await resolveProcess(tree, { args, env, user, groups: [], workdir, ulimits, shmSize });
  return { ...process, hostname, security, network: networkOf(run) };
}

function networkOf({ step, services }: RunContext): 'host' | 'none' {
  const wanted = step.network === 'default' ? services.settings.network : step.network;
  return wanted === 'none' ? 'none' : 'host';
}

async function stepFailed(run: RunContext, status: ExitStatus, log: RunLog): Promise<MkimageError> {
  const { step, services, chain, call } = run;
  const how = status.signal === undefined ? `exit code: ${status.code}` : `killed by ${status.signal}`;
  const tree = await services.treeOf(chain, call);
  const hint = await failureHint({ step, code: status.code, tail: log.tail, tree });
  return new MkimageError('step-failed', `process \`${step.args.join(' ')}\` did not complete successfully: ${how}`, {
    hint,
    place: { range: step.range, step: step.name },
    evidence: {
      exitCode: status.code,
      signal: status.signal,
      tail: log.tail,
      log: log.isEmpty ? undefined : log.file,
    },
  });
}
