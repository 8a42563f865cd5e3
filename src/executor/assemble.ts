import type { HistoryEntry, ImageConfig, Layer } from '../oci/index.ts';
import type { Stage } from '../plan/index.ts';
import type { Chain } from './chain.ts';
import { fitHistory } from './fit-history.ts';

/** The result of one step: its history entry, its layer (if it changed anything) and its time. */
export interface StepOutcome {
  readonly history: HistoryEntry;
  /** null: the step changed nothing. undefined: this kind of step makes no layer. */
  readonly layer: Layer | null | undefined;
  /** RFC 3339. Undefined for config steps: they take the time of the step before. */
  readonly createdAt: string | undefined;
}

/** The time of an image from scratch that has only config steps: no step gives it a time. */
const TIME_UNKNOWN = '1970-01-01T00:00:00Z';

interface AssembleOptions {
  readonly base: Pick<ImageConfig, 'history' | 'created'> | undefined;
  readonly outcomes: readonly StepOutcome[];
  readonly fixedTime: string | undefined;
}

/**
 * The image config of a finished stage. Times come from the cache records, so the same build gives the same config. `base`
 * is the config that the stage started from; `fixedTime` is SOURCE_DATE_EPOCH.
 */
export function assembleConfig(
  stage: Stage,
  chain: Chain,
  { base, outcomes, fixedTime }: AssembleOptions,
): ImageConfig {
  const added: HistoryEntry[] = [];
  let created = fixedTime ?? base?.created;
  for (const outcome of outcomes) {
    created = fixedTime ?? latest(created, outcome.createdAt);
    added.push(historyOf(outcome, fixedTime ?? outcome.createdAt ?? created ?? TIME_UNKNOWN));
  }
  const below = chain.layers.length - outcomes.filter(({ layer }) => layer).length;
  const { os, architecture, variant, 'os.features': features } = stage.platform;
  return {
    created: created ?? TIME_UNKNOWN,
    ...(stage.author === undefined ? {} : { author: stage.author }),
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(stage.platform['os.version'] === undefined ? {} : { 'os.version': stage.platform['os.version'] }),
    ...(features === undefined ? {} : { 'os.features': features }),
    config: stage.config,
    rootfs: { type: 'layers', diff_ids: chain.layers.map((layer) => layer.diffId) },
    history: [...fitHistory(base?.history ?? [], below, base?.created), ...added],
  };
}

function historyOf(outcome: StepOutcome, created: string): HistoryEntry {
  const { empty_layer: _expected, ...history } = outcome.history;
  return { created, ...history, ...(outcome.layer ? {} : { empty_layer: true }) };
}

/** Compares as times, not as text: RFC 3339 texts sort by time only if their fractions have equal length. */
function latest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
