import type { HistoryEntry, ImageConfig, Layer } from '../oci/index.ts';
import type { Stage } from '../plan/index.ts';
import type { Chain } from './chain.ts';
import { fitHistory } from './fit-history.ts';

/** What became of one step: when its result was made, and the layer, if it changed anything. */
export interface StepOutcome {
  readonly history: HistoryEntry;
  /** undefined: no layer was to be expected. */
  readonly layer: Layer | null | undefined;
  /** RFC 3339; undefined for config steps, which take the time of the step before. */
  readonly createdAt: string | undefined;
}

/** Nothing was made and nothing is known: an image of metadata only, from scratch. */
const TIME_UNKNOWN = '1970-01-01T00:00:00Z';

/**
 * The image config of a finished stage. Times come from the cache records, so the same build gives the same config. `base`
 * is the config that the stage started from; `fixedTime` is SOURCE_DATE_EPOCH.
 */
export function assembleConfig(
  stage: Stage,
  base: Pick<ImageConfig, 'history' | 'created'> | undefined,
  chain: Chain,
  outcomes: readonly StepOutcome[],
  fixedTime: string | undefined,
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

/** RFC 3339 times in UTC compare as text only with equal fractions, so they are compared as times. */
function latest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
