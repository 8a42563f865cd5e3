/** What `.hadolint.yaml` and HADOLINT_* say: hadolint's settings, which count here, too. */
import type { Level, Threshold } from './levels.ts';

export const LABEL_TYPES = ['text', 'rfc3339', 'semver', 'url', 'hash', 'spdx', 'email'] as const;
export type LabelType = (typeof LABEL_TYPES)[number];

/** As hadolint names them. */
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
  /** Empty: images may come from anywhere. */
  readonly trustedRegistries: readonly string[];
  readonly labelSchema: ReadonlyMap<string, LabelType>;
  /** No labels but those of the schema. */
  readonly strictLabels: boolean;
  /** `# hadolint ignore=` is not heeded. */
  readonly disableIgnorePragma: boolean;
  readonly failureThreshold: Threshold | undefined;
  /** Never end with an exit code because of findings. */
  readonly noFail: boolean;
  readonly format: HadolintFormat | undefined;
  readonly noColor: boolean;
}

/** One source of settings; what it does not mention is left to the others. */
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

/** Lists add up; of single values the later one counts. */
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

/** Levels of names that are listed under them; of a name that is listed twice the graver one counts. */
export function levelsOf(lists: readonly (readonly [Level, readonly string[]])[]): ReadonlyMap<string, Level> {
  const levels = new Map<string, Level>();
  for (const [level, names] of lists) for (const name of names) if (!levels.has(name)) levels.set(name, level);
  return levels;
}
