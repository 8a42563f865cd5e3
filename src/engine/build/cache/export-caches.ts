/** The caches of `--cache-to`, written after the outputs. The image is complete by then, so a failure is only a warning. */
import type { BuildRequest, CacheTarget } from '../../../api/index.ts';
import { EMPTY_DOCUMENT } from '../../../cache/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { WorkPlan } from '../../../plan/index.ts';
import { boundCall, type Call, type StepId } from '../../../progress.ts';
import type { EngineCall } from '../../call.ts';
import type { Services } from '../../services.ts';
import { type BuildJournal, findStagesOfImage } from './journal.ts';
import type { OpenSharedCache } from './shared-cache.ts';
import { writeCache } from './write-cache.ts';

export interface ExportedBuild {
  readonly plan: Pick<WorkPlan, 'stages' | 'targets'>;
  readonly journal: BuildJournal;
  readonly shared: OpenSharedCache | undefined;
}

/** How long one cache may take by default, in milliseconds. */
const PATIENCE_MS = 600_000;

/** Throws only for a target with `ignore-error=false`. */
export async function exportCaches(
  services: Services,
  { request: { cacheTo }, ...build }: ExportedBuild & { readonly request: Pick<BuildRequest, 'cacheTo'> },
  call: EngineCall,
): Promise<void> {
  for (const [index, target] of cacheTo.entries()) {
    if (target.location.type === 'inline') continue;
    await exportCache(services, { target, ...build, step: `cache-to/${index}` }, call);
  }
}

async function exportCache(
  services: Services,
  { target, step, ...build }: ExportedBuild & { readonly target: CacheTarget; readonly step: StepId },
  call: EngineCall,
): Promise<void> {
  const patience = AbortSignal.timeout(target.timeoutMs ?? PATIENCE_MS);
  const bounded = boundCall(call, patience);
  call.report({ type: 'step-started', step, name: `exporting cache to ${nameOf(target)}` });
  try {
    await write(services, { ...build, target }, { call, bounded });
    call.report({ type: 'step-finished', step });
  } catch (error) {
    const why = patience.aborted ? 'it takes too long' : error instanceof Error ? error.message : String(error);
    call.report({ type: 'step-failed', step, error: why });
    if (target.ignoreError === false) throw createExportError(target, why, error);
    if (target.ignoreError === undefined) {
      call.report({ type: 'warning', message: `cannot export cache to ${nameOf(target)}: ${why}` });
    }
  }
}

interface BoundedCall {
  readonly call: EngineCall;
  readonly bounded: Call;
}

async function write(
  services: Services,
  { target, plan, journal, shared }: ExportedBuild & { readonly target: CacheTarget },
  { call, bounded }: BoundedCall,
): Promise<void> {
  if (target.location.type === 'inline') return;
  const storage = await services.caches.open(target.location, call, target);
  const entries = journal.entries(target.mode === 'min' ? findStagesOfImage(plan) : undefined);
  const known = (await shared?.sources.forms(bounded)) ?? EMPTY_DOCUMENT.forms;
  const document = await writeCache(services, { content: { entries, known }, storage, target }, bounded);
  if (target.mounts.length === 0) return;
  const warn = (message: string) => {
    if (target.ignoreError !== true) call.report({ type: 'warning', message });
  };
  const { exportMounts } = await import('./mounts/export-mounts.ts');
  await exportMounts(services, { plan, storage, target, document, warn }, bounded);
}

function createExportError(target: CacheTarget, why: string, cause: unknown): MkimageError {
  return new MkimageError('registry', `export cache to ${nameOf(target)}: ${why}`, {
    cause,
    hint: 'with `ignore-error=true` the build succeeds without the cache',
  });
}

function nameOf({ location }: CacheTarget): string {
  switch (location.type) {
    case 'registry':
      return `registry \`${location.ref}\``;
    case 'local':
      return `folder \`${location.directory}\``;
    case 's3':
      return `bucket \`${location.bucket ?? ''}\``;
    default:
      return location.type;
  }
}
