/** `--call=targets`: the stages of a build file as they are written. */
import type { BuildFile, Range } from '../../instructions/index.ts';
import { descriptionOf, splitStages } from '../stages/stage.ts';
import { base64, type LocationJson, locationJson, type SourceText } from './location-json.ts';

export interface Target {
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** Variables stay as they are. */
  readonly base: string;
  readonly platform: string | undefined;
  readonly isDefault: boolean;
  readonly range: Range;
}

/** Needs no values and no bases, so it takes any file that can be parsed. */
export function listTargets(file: Pick<BuildFile, 'instructions'>): readonly Target[] {
  const { stages } = splitStages(file);
  return stages.map(({ id, name, from }) => ({
    name,
    description: name === undefined ? undefined : descriptionOf(from, name),
    base: from.image.raw,
    platform: from.platform?.raw,
    isDefault: id === stages.length - 1,
    range: from.range,
  }));
}

/** BuildKit's answer to `frontend.targets`. */
export interface TargetsJson {
  readonly targets: readonly {
    readonly name?: string;
    readonly default?: true;
    readonly description?: string;
    readonly base?: string;
    readonly platform?: string;
    readonly location: LocationJson;
  }[];
  readonly sources: readonly string[];
}

export function targetsJson(targets: readonly Target[], source: SourceText): TargetsJson {
  return {
    targets: targets.map(({ name, description, base, platform, isDefault, range }) => ({
      ...(name && { name }),
      ...(isDefault && { default: true as const }),
      ...(description && { description }),
      ...(base && { base }),
      ...(platform && { platform }),
      location: locationJson(range),
    })),
    sources: [base64(source.text)],
  };
}
