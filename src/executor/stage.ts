/** One stage: opens its base, then runs its steps one after the other. */
import type { ImageConfig, Layer } from '../oci/index.ts';
import type { StageId } from '../plan/index.ts';
import { assembleConfig, type StepOutcome } from './assemble.ts';
import { type Chain, chainOf, EMPTY, extend } from './chain.ts';
import { contextChain } from './copy/index.ts';
import type { LayerBytes, LayerOutput, StepCache } from './services.ts';
import type { StepPlace, StepResult, StepRun, WorkStep } from './stage-run.ts';
import { resolveStep } from './step.ts';
import { withLocation } from './step-error.ts';
import { type WorkRun, workOf } from './work.ts';

/** What the steps of one stage need. */
export interface StageRun extends WorkRun, StepRun {
  readonly services: WorkRun['services'] &
    StepCache &
    Pick<LayerBytes, 'ensureLayers'> &
    Pick<LayerOutput, 'layerReady'>;
  readonly isOnlyStage: boolean;
  /** True if its layers will be in an image, and not only copied from. */
  readonly isOfImage: boolean;
}

export interface StageResult {
  readonly chain: Chain;
  readonly config: ImageConfig;
  /** Why the stage changed since the last build, if known. */
  readonly cause: string | undefined;
}

interface BaseState {
  readonly chain: Chain;
  readonly config: Pick<ImageConfig, 'history' | 'created'> | undefined;
  readonly cause?: string | undefined;
}

/** Builds the stage; `finished` waits for another stage. */
export async function buildStage(run: StageRun, finished: (id: StageId) => Promise<StageResult>): Promise<StageResult> {
  const base = await openBase(run, finished);
  tellReady(run, run.stage.base.kind === 'stage' ? [] : base.chain.layers);
  const outcomes: StepOutcome[] = [];
  let chain = base.chain;
  let cause = base.cause;
  let number = 1;
  for (const step of run.stage.steps) {
    if (step.kind === 'config') {
      outcomes.push({ history: step.history, layer: undefined, createdAt: undefined });
      continue;
    }
    number += 1;
    const { record, cause: ran } = await doStep(run, step, { chain, cause, number });
    chain = extend(chain, record.layer);
    tellReady(run, record.layer === null ? [] : [record.layer]);
    cause = ran ?? cause;
    outcomes.push({ history: step.history, layer: record.layer, createdAt: record.createdAt });
  }
  const fixedTime = run.epoch === undefined ? undefined : wholeSeconds(run.epoch);
  return { chain, config: assembleConfig(run.stage, chain, { base: base.config, outcomes, fixedTime }), cause };
}

function tellReady({ isOfImage, services }: StageRun, layers: readonly Layer[]): void {
  if (isOfImage && services.layerReady !== undefined) layers.forEach(services.layerReady);
}

/** RFC 3339 without a fraction, as BuildKit and Docker write whole seconds. */
function wholeSeconds(epoch: number): string {
  return new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
}

interface Position {
  readonly chain: Chain;
  readonly cause: string | undefined;
  /** Counted as in BuildKit: FROM is 1, and only steps with work count. */
  readonly number: number;
}

async function doStep(run: StageRun, step: WorkStep, position: Position): Promise<StepResult> {
  const place = placeOf(run, step, position);
  try {
    return await resolveStep(run, place, { step, work: workOf(run, place, step) });
  } catch (error) {
    throw withLocation(error, step);
  }
}

function placeOf(run: StageRun, step: WorkStep, { chain, cause, number }: Position): StepPlace {
  const { stage, services } = run;
  const total = stage.steps.filter((each) => each.kind !== 'config').length + 1;
  const { origin } = stage;
  const isOnly = origin?.isOnly ?? run.isOnlyStage;
  const label = stage.name ?? (isOnly ? '' : `stage-${origin?.number ?? stage.id}`);
  const shown = [origin?.shown, label, `${number}/${total}`].filter(Boolean).join(' ');
  return {
    id: `${stage.id}/${number}`,
    title: `[${shown}] ${step.name}`,
    slot: `${services.slotScope(stage)} ${label} ${number}`,
    place: `${services.placeScope(stage)} ${label} ${number}`,
    chain,
    cause,
    below: number > 2 ? 'the step before changed' : BELOW_FIRST[stage.base.kind],
  };
}

const BELOW_FIRST = {
  scratch: 'what it is based on changed',
  stage: 'the stage that it is based on changed',
  image: 'the base image changed',
  context: 'the context that it is based on changed',
} as const;

async function openBase(run: StageRun, finished: (id: StageId) => Promise<StageResult>): Promise<BaseState> {
  const { base } = run.stage;
  switch (base.kind) {
    case 'scratch':
      return { chain: EMPTY, config: undefined };
    case 'stage':
      return finished(base.stage);
    case 'image':
      await run.services.ensureLayers(base.image, run.call);
      return { chain: chainOf(base.image.layers), config: base.image.config };
    case 'context':
      return { chain: await contextChain(run, base.context), config: undefined };
    default:
      return base satisfies never;
  }
}
