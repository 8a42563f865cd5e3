/** `--call=targets`: the stages of a build file, without evaluation. */
import type { BuildFile, Range } from '../../instructions/index.ts';
import { findDescription, splitStages } from '../stages/stage.ts';
import { encodeBase64, type LocationJson, type SourceText, toLocationJson } from './location-json.ts';

export interface Target {
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** As written: variables are not expanded. */
  readonly base: string;
  readonly platform: string | undefined;
  readonly isDefault: boolean;
  readonly range: Range;
}

/** Needs no variable values and no bases, so it works for any file that can be parsed. */
export function listTargets(file: Pick<BuildFile, 'instructions'>): readonly Target[] {
  const { stages } = splitStages(file);
  return stages.map(({ id, name, from }) => ({
    name,
    description: name === undefined ? undefined : findDescription(from, name),
    base: from.image.raw,
    platform: from.platform?.raw,
    isDefault: id === stages.length - 1,
    range: from.range,
  }));
}

/** BuildKit's response to `frontend.targets`. */
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

export function toTargetsJson(targets: readonly Target[], source: SourceText): TargetsJson {
  return {
    targets: targets.map(({ name, description, base, platform, isDefault, range }) => ({
      ...(name && { name }),
      ...(isDefault && { default: true as const }),
      ...(description && { description }),
      ...(base && { base }),
      ...(platform && { platform }),
      location: toLocationJson(range),
    })),
    sources: [encodeBase64(source.text)],
  };
}
