import { LEVELS, THRESHOLDS } from './levels.ts';
import { HADOLINT_FORMATS, LABEL_TYPES, type LabelType, levelsOf, type SettingsPart } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads HADOLINT_* variables. Like hadolint, it ignores invalid values. undefined if none of the variables is set. */
export function readEnvironment(env: Environment): SettingsPart | undefined {
  if (!Object.keys(env).some((name) => name.startsWith('HADOLINT_'))) return undefined;
  const threshold = THRESHOLDS.find((known) => known === env.HADOLINT_FAILURE_THRESHOLD);
  const format = HADOLINT_FORMATS.find((known) => known === env.HADOLINT_FORMAT);
  const registries = [...list(env.HADOLINT_TRUSTED_REGISTRIES), ...list(env.HADOLINT_ALLOWED_REGISTRIES)];
  return {
    ignored: new Set(list(env.HADOLINT_IGNORE)),
    levels: levelsOf(LEVELS.map((level) => [level, list(env[`HADOLINT_OVERRIDE_${level.toUpperCase()}`])])),
    trustedRegistries: registries,
    labelSchema: new Map(list(env.HADOLINT_REQUIRE_LABELS).flatMap(parseLabelPair)),
    ...readFlag('noFail', env.HADOLINT_NOFAIL),
    ...readFlag('strictLabels', env.HADOLINT_STRICT_LABELS),
    ...readFlag('disableIgnorePragma', env.HADOLINT_DISABLE_IGNORE_PRAGMA),
    ...(format === undefined ? {} : { format }),
    ...(threshold === undefined ? {} : { failureThreshold: threshold }),
  };
}

function list(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readFlag<Name extends keyof SettingsPart>(name: Name, text: string | undefined): SettingsPart {
  return text === undefined ? {} : { [name]: ['1', 'y', 'on', 'true', 'yes'].includes(text.toLowerCase()) };
}

/** Parses `maintainer:text`; empty if it is invalid. */
function parseLabelPair(item: string): readonly (readonly [string, LabelType])[] {
  const colon = item.indexOf(':');
  const type = LABEL_TYPES.find((known) => known === item.slice(colon + 1));
  return colon > 0 && type !== undefined ? [[item.slice(0, colon), type]] : [];
}
