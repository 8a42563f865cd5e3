/** Checks before a build that this machine can run the programs of its steps. */
import { MkimageError } from '../../errors.ts';
import { type ExecutorServices, executePlan } from '../../executor/index.ts';
import { formatPlatform, type Platform } from '../../oci/index.ts';
import { type RunStep, type Stage, type StageId, takeUntil, type WorkPlan } from '../../plan/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';

/** A RUN whose programs are for another processor. */
export interface ForeignStep {
  readonly platform: Platform;
  readonly step: RunStep;
}

/**
 * Returns the steps that run programs of another platform than the machine's. An image that is used for a platform
 * that it was not made for has its own programs; a stage without a base gets those of its platform.
 */
export function listForeignSteps({ stages }: Pick<WorkPlan, 'stages'>, host: Platform): readonly ForeignStep[] {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  return stages.flatMap((stage) => {
    const platform = platformOfPrograms(stage, byId);
    if (platform.os === host.os && platform.architecture === host.architecture) return [];
    return stage.steps.flatMap((step) => (step.kind === 'run' ? [{ platform, step }] : []));
  });
}

function platformOfPrograms(stage: Stage, byId: ReadonlyMap<StageId, Stage>): Platform {
  const { base, platform } = stage;
  if (base.kind === 'stage') return platformOfPrograms(byId.get(base.stage)!, byId);
  if (base.kind !== 'image') return platform;
  const { os, architecture, variant } = base.image.config;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

interface Checked {
  readonly plan: WorkPlan;
  readonly working: ExecutorServices;
}

/**
 * Throws `sandbox` if a step needs an emulator that is missing. Steps whose results are in the cache need none.
 */
export async function checkEmulators(
  services: Pick<Services, 'config' | 'emulation'>,
  { plan, working }: Checked,
  call: Call,
): Promise<void> {
  const foreign = listForeignSteps(plan, services.config.platform);
  const missing: ForeignStep[] = [];
  for (const [name, steps] of groupByPlatform(foreign)) {
    const { os, architecture } = steps[0]!.platform;
    const emulation = os === 'linux' ? await services.emulation(architecture) : { canRun: false };
    call.log?.debug('sandbox', 'programs of another platform', { platform: name, ...emulation });
    if (!emulation.canRun) missing.push(...steps);
    else if (emulation.interpreterInRoot !== undefined) warnOfRoot(name, emulation.interpreterInRoot, call);
  }
  if (missing.length === 0) return;
  const beforeWork = () => {
    throw createMissingError(missing);
  };
  const before = takeUntil(plan, new Set(missing.map(({ step }) => step)));
  await executePlan(before, { ...working, beforeWork }, { ...call, report: () => {} });
}

function groupByPlatform(steps: readonly ForeignStep[]): ReadonlyMap<string, readonly ForeignStep[]> {
  const groups = new Map<string, ForeignStep[]>();
  for (const each of steps) {
    const name = formatPlatform(each.platform);
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}

function warnOfRoot(platform: string, interpreter: string, call: Call): void {
  call.report({
    type: 'warning',
    message: `the emulator for ${platform} is registered without flag F: steps need \`${interpreter}\` in their image`,
    hint: 'register it with flag F, as the package qemu-user-static does',
  });
}

const SHOWN = 8;

function createMissingError(missing: readonly ForeignStep[]): MkimageError {
  const platforms = [...groupByPlatform(missing).keys()].join(', ');
  const needing = missing.map(({ step }) => `\`${step.name}\` (line ${step.range.start.line})`);
  const more = needing.length > SHOWN ? ` and ${needing.length - SHOWN} more` : '';
  const canEmulate = missing.every(({ platform }) => platform.os === 'linux');
  const [{ step: first }] = missing as [ForeignStep];
  return new MkimageError(
    'sandbox',
    `build for ${platforms}: this machine cannot run the programs of ${needing.slice(0, SHOWN).join(', ')}${more}`,
    {
      hint: canEmulate
        ? `install an emulator (the package qemu-user-static of Debian, Ubuntu or Fedora), or build on a machine for ${platforms}`
        : 'RUN works for linux only',
    },
  ).with({ place: { range: first.range, step: first.name } });
}
