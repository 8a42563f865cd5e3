/** Reads and validates the parsed data of `.hadolint.yaml`. */
import { LEVELS, THRESHOLDS } from './levels.ts';
import { HADOLINT_FORMATS, LABEL_TYPES, type LabelType, levelsOf, type SettingsPart } from './settings.ts';

/** An invalid settings document. The message is worded so that the caller can prefix `read FILE: `. */
export class SettingsFault extends Error {}

/** Unknown keys are ignored, as in hadolint. Names from older hadolint versions are accepted. Throws a SettingsFault. */
export function readDocument(document: unknown): SettingsPart {
  if (document === null || document === undefined) return {};
  const root = expectMapping(document, 'the file');
  return {
    ignored: new Set(readStrings(root, 'ignored')),
    levels: readLevels(root),
    trustedRegistries: [...readStrings(root, 'trustedRegistries'), ...readStrings(root, 'trusted-registries')],
    labelSchema: readLabelSchema(root),
    ...readChoice(root, 'failure-threshold', { name: 'failureThreshold', known: THRESHOLDS }),
    ...readChoice(root, 'output-format', { name: 'format', known: HADOLINT_FORMATS }),
    ...readChoice(root, 'format', { name: 'format', known: HADOLINT_FORMATS }),
    ...readFlag(root, 'no-fail', 'noFail'),
    ...readFlag(root, 'no-color', 'noColor'),
    ...readFlag(root, 'strict-labels', 'strictLabels'),
    ...readFlag(root, 'disable-ignore-pragma', 'disableIgnorePragma'),
  };
}

type Mapping = ReadonlyMap<string, unknown>;

function expectMapping(value: unknown, name: string): Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SettingsFault(`${name} is no map`);
  return new Map(Object.entries(value));
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readStrings(map: Mapping, key: string): readonly string[] {
  const value = map.get(key);
  if (!isGiven(value)) return [];
  const items = Array.isArray(value) ? value : [value];
  if (items.every((item) => typeof item === 'string')) return items;
  throw new SettingsFault(`\`${key}\` is no list of names`);
}

function readLevels(root: Mapping) {
  const value = root.get('override');
  if (!isGiven(value)) return new Map();
  const override = expectMapping(value, '`override`');
  return levelsOf(LEVELS.map((level) => [level, readStrings(override, level)]));
}

function readLabelSchema(root: Mapping): ReadonlyMap<string, LabelType> {
  const value = root.get('label-schema');
  if (!isGiven(value)) return new Map();
  const schema = [...expectMapping(value, '`label-schema`')].map(([label, given]): [string, LabelType] => {
    const type = LABEL_TYPES.find((known) => known === given);
    if (type !== undefined) return [label, type];
    throw new SettingsFault(`label \`${label}\` has a type that is not one of ${LABEL_TYPES.join(', ')}`);
  });
  return new Map(schema);
}

function readChoice<Name extends keyof SettingsPart>(
  root: Mapping,
  key: string,
  { name, known }: { readonly name: Name; readonly known: readonly string[] },
): SettingsPart {
  const value = root.get(key);
  if (!isGiven(value)) return {};
  if (typeof value === 'string' && known.includes(value)) return { [name]: value };
  throw new SettingsFault(`\`${key}\` is not one of ${known.join(', ')}`);
}

function readFlag<Name extends keyof SettingsPart>(root: Mapping, key: string, name: Name): SettingsPart {
  const value = root.get(key);
  if (!isGiven(value)) return {};
  if (typeof value === 'boolean') return { [name]: value };
  throw new SettingsFault(`\`${key}\` is neither true nor false`);
}
