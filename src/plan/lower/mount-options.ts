/** Reads the options of one `--mount` in order. Which options are valid depends on the `type=` before them. */
import type { FlagOption, MountFlag } from '../../instructions/index.ts';
import { parseBool, parseSize } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { suggestNearest } from '../words/suggestion.ts';
import { evaluateWord, type Lowering } from './lowering.ts';
import type { StageState } from './stage-state.ts';

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const SHARING = ['shared', 'private', 'locked'] as const;

export interface MountOptions {
  readonly type: (typeof TYPES)[number];
  /** Only tells whether `from=` is set. The source itself is in `Lowering.sources`. */
  readonly from: string;
  readonly source: string;
  readonly target: string;
  readonly id: string;
  /** undefined: the default of the type. */
  readonly readonly: boolean | undefined;
  readonly required: boolean;
  readonly sharing: (typeof SHARING)[number] | undefined;
  readonly size: number | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly env: string | undefined;
}

const DEFAULTS: MountOptions = {
  type: 'bind',
  from: '',
  source: '',
  target: '',
  id: '',
  readonly: undefined,
  required: false,
  sharing: undefined,
  size: undefined,
  mode: undefined,
  uid: undefined,
  gid: undefined,
  env: undefined,
};

type OptionReader = (value: string, key: string, before: MountOptions) => Partial<MountOptions>;

const source: OptionReader = (value) => ({ source: value });
const target: OptionReader = (value) => ({ target: value });
const readOnly: OptionReader = (value, key) => ({ readonly: parseBoolean(value, key) });
const readWrite: OptionReader = (value, key) => ({ readonly: !parseBoolean(value, key) });

const OPTIONS: Readonly<Record<string, OptionReader>> = {
  type: (value) => ({ type: parseChoice(value, TYPES, 'unsupported mount type') }),
  from: (value) => ({ from: value }),
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  readwrite: readWrite,
  rw: readWrite,
  required: (value, key, before) => {
    if (before.type !== 'secret' && before.type !== 'ssh') throw createUnexpectedKeyFault(key, before);
    return { required: parseBoolean(value, key) };
  },
  size: (value, key, before) => {
    if (before.type !== 'tmpfs') throw createUnexpectedKeyFault(key, before);
    return {
      size:
        parseSize(value) ??
        throwMountFault(`invalid value for ${key}: ${value}`, 'write a size such as `64m` or `1GiB`'),
    };
  },
  id: (value) => ({ id: value }),
  sharing: (value) => ({ sharing: parseChoice(value, SHARING, 'unsupported sharing value') }),
  mode: (value, key) => ({ mode: parseNumber(value, key, 8) }),
  uid: (value, key) => ({ uid: parseNumber(value, key, 10) }),
  gid: (value, key) => ({ gid: parseNumber(value, key, 10) }),
  env: (value) => ({ env: value }),
};

/** Options with an optional value, `true` by default. */
const OPTIONS_WITHOUT_VALUE = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);

/** Reads the options of one mount. Throws a Fault. */
export function readMountOptions(flag: MountFlag, state: StageState, lowering: Lowering): MountOptions {
  try {
    const options = flag.options.reduce((before, option) => readOption(before, option, { state, lowering }), DEFAULTS);
    checkCombination(options);
    return options;
  } catch (error) {
    if (!(error instanceof Fault) || error.range) throw error;
    throw new Fault(error.code, error.message, { hint: error.hint, range: flag.range });
  }
}

function readOption(
  before: MountOptions,
  option: FlagOption,
  { state, lowering }: { readonly state: StageState; readonly lowering: Lowering },
): MountOptions {
  const { key } = option;
  if (!option.value && !OPTIONS_WITHOUT_VALUE.has(key))
    throw createMountFault(`invalid field \`${key}\` must be a key=value pair`);
  const value = option.value ? evaluateWord(option.value, state, lowering) : 'true';
  const read = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined;
  if (!read) {
    const text = `${key}=${option.value?.raw ?? ''}`;
    throw createMountFault(`unexpected key \`${key}\` in \`${text}\``, suggestNearest(key, Object.keys(OPTIONS)));
  }
  return { ...before, ...read(value, key, before) };
}

function checkCombination(options: MountOptions): void {
  const { type } = options;
  const ownsFiles = type === 'secret' || type === 'ssh' || type === 'cache';
  for (const key of ['mode', 'uid', 'gid'] as const) {
    if (!ownsFiles && options[key] !== undefined)
      throw createMountFault(`${key} not allowed for \`${type}\` type mounts`);
  }
  if (type === 'secret') checkSecret(options);
  if (options.sharing !== undefined && type !== 'cache')
    throw createMountFault(`invalid cache sharing set for ${type} mount`);
}

function checkSecret({ from, sharing, source: file, target: path, id }: MountOptions): void {
  if (from !== '') throw createMountFault('secret mount should not have a from');
  if (sharing !== undefined) throw createMountFault('secret mount should not define sharing');
  if (file === '' && path === '' && id === '')
    throw createMountFault('invalid secret mount: one of source, target required');
  if (file !== '' && id !== '') throw createMountFault("both source and id can't be set");
}

function parseChoice<Choice extends string>(value: string, choices: readonly Choice[], message: string): Choice {
  const found = choices.find((choice) => choice === value.toLowerCase());
  return (
    found ??
    throwMountFault(`${message} \`${value}\``, suggestNearest(value, choices) ?? `use one of ${choices.join(', ')}`)
  );
}

function parseBoolean(value: string, key: string): boolean {
  return parseBool(value) ?? throwMountFault(`invalid value for ${key}: ${value}`, 'use `true` or `false`');
}

function parseNumber(value: string, key: string, radix: 8 | 10): number {
  const digits = radix === 8 ? /^[0-7]+$/ : /^\d+$/;
  const parsed = digits.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  return parsed < 2 ** 32 ? parsed : throwMountFault(`invalid value ${value} for ${key}`);
}

function createUnexpectedKeyFault(key: string, { type }: MountOptions): Fault {
  return createMountFault(`unexpected key \`${key}\` for mount type \`${type}\``, 'write `type=` as the first option');
}

function createMountFault(message: string, hint?: string): Fault {
  return new Fault('invalid-mount', message, { hint });
}

function throwMountFault(message: string, hint?: string): never {
  throw createMountFault(message, hint);
}
