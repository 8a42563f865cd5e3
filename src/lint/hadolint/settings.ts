/** hadolint's settings, from `.hadolint.yaml` and HADOLINT_* variables. mkimage applies them as well. */
import type { Level, Threshold } from './levels.ts';

export const LABEL_TYPES = ['text', 'rfc3339', 'semver', 'url', 'hash', 'spdx', 'email'] as const;
export type LabelType = (typeof LABEL_TYPES)[number];

/** Output formats, by hadolint's names. */
export const HADOLINT_FORMATS = [
  'tty',
  'json',
  'checkstyle',
  'codeclimate',
  'gitlab_codeclimate',
  'gnu',
  'codacy',
  'sonarqube',
  'sarif',
  'junit',
] as const;
export type HadolintFormat = (typeof HADOLINT_FORMATS)[number];

export interface LintSettings {
  /** Names of checks and hadolint's codes. */
  readonly ignored: ReadonlySet<string>;
  readonly levels: ReadonlyMap<string, Level>;
  /** Empty: every registry is allowed. */
  readonly trustedRegistries: readonly string[];
  readonly labelSchema: ReadonlyMap<string, LabelType>;
  /** Report labels that are not in the schema. */
  readonly strictLabels: boolean;
  /** `# hadolint ignore=` comments have no effect. */
  readonly disableIgnorePragma: boolean;
  readonly failureThreshold: Threshold | undefined;
  /** Findings never cause a failure exit code. */
  readonly noFail: boolean;
  readonly format: HadolintFormat | undefined;
  readonly noColor: boolean;
}

/** Settings from one source. Missing members come from the other sources. */
export type SettingsPart = Partial<LintSettings>;

export const NO_SETTINGS: LintSettings = {
  ignored: new Set(),
  levels: new Map(),
  trustedRegistries: [],
  labelSchema: new Map(),
  strictLabels: false,
  disableIgnorePragma: false,
  failureThreshold: undefined,
  noFail: false,
  format: undefined,
  noColor: false,
};

/** Merges two sources: lists are joined; for single values, `later` overrides `first`. */
export function mergeSettings(first: SettingsPart, later: SettingsPart): LintSettings {
  return {
    ...NO_SETTINGS,
    ...first,
    ...later,
    ignored: new Set([...(first.ignored ?? []), ...(later.ignored ?? [])]),
    levels: new Map([...(first.levels ?? []), ...(later.levels ?? [])]),
    trustedRegistries: [...(first.trustedRegistries ?? []), ...(later.trustedRegistries ?? [])],
    labelSchema: new Map([...(first.labelSchema ?? []), ...(later.labelSchema ?? [])]),
  };
}

/** Converts lists of names per level to a map. If a name is in several lists, the first list (the most severe level) wins. */
export function levelsOf(lists: readonly (readonly [Level, readonly string[]])[]): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  for (const [level, names] of lists) for (const name of names) if (!levels.has(name)) levels.set(name, level);
  return levels;
}
