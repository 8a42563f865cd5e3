/** The options of one `--mount`, read in order: what an option may be depends on the `type=` before it. */
import type { FlagOption, MountFlag } from '../../instructions/index.ts';
import { parseBool, parseSize } from '../../notation/index.ts';
import { Fault } from '../words/fault.ts';
import { didYouMean } from '../words/nearest.ts';
import { type Lowering, wordValue } from './lowering.ts';
import type { StageState } from './stage-state.ts';

const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
const SHARING = ['shared', 'private', 'locked'] as const;

export interface MountOptions {
  readonly type: (typeof TYPES)[number];
  /** Whether anything was named; what it means is known by its place among the sources. */
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

type Read = (value: string, key: string, before: MountOptions) => Partial<MountOptions>;

const source: Read = (value) => ({ source: value });
const target: Read = (value) => ({ target: value });
const readOnly: Read = (value, key) => ({ readonly: boolean(value, key) });
const readWrite: Read = (value, key) => ({ readonly: !boolean(value, key) });

const OPTIONS: Readonly<Record<string, Read>> = {
  type: (value) => ({ type: oneOf(value, TYPES, 'unsupported mount type') }),
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
    if (before.type !== 'secret' && before.type !== 'ssh') throw unexpected(key, before);
    return { required: boolean(value, key) };
  },
  size: (value, key, before) => {
    if (before.type !== 'tmpfs') throw unexpected(key, before);
    return { size: parseSize(value) ?? fail(`invalid value for ${key}: ${value}`, 'sizes look like `64m` or `1GiB`') };
  },
  id: (value) => ({ id: value }),
  sharing: (value) => ({ sharing: oneOf(value, SHARING, 'unsupported sharing value') }),
  mode: (value, key) => ({ mode: number(value, key, 8) }),
  uid: (value, key) => ({ uid: number(value, key, 10) }),
  gid: (value, key) => ({ gid: number(value, key, 10) }),
  env: (value) => ({ env: value }),
};

/** Options that may stand without a value, which is then `true`. */
const BARE = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);

/** Reads the options of one mount. Throws a Fault. */
export function readMount(flag: MountFlag, state: StageState, lowering: Lowering): MountOptions {
  try {
    const options = flag.options.reduce((before, option) => readOption(before, option, state, lowering), DEFAULTS);
    checkTogether(options);
    return options;
  } catch (error) {
    if (!(error instanceof Fault) || error.range) throw error;
    throw new Fault(error.code, error.message, { hint: error.hint, range: flag.range });
  }
}

function readOption(before: MountOptions, option: FlagOption, state: StageState, lowering: Lowering): MountOptions {
  const { key } = option;
  if (!option.value && !BARE.has(key)) throw fault(`invalid field \`${key}\` must be a key=value pair`);
  const value = option.value ? wordValue(option.value, state, lowering) : 'true';
  const read = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined;
  if (!read) {
    const text = `${key}=${option.value?.raw ?? ''}`;
    throw fault(`unexpected key \`${key}\` in \`${text}\``, didYouMean(key, Object.keys(OPTIONS)));
  }
  return { ...before, ...read(value, key, before) };
}

function checkTogether(options: MountOptions): void {
  const { type } = options;
  const ownsFiles = type === 'secret' || type === 'ssh' || type === 'cache';
  for (const key of ['mode', 'uid', 'gid'] as const) {
    if (!ownsFiles && options[key] !== undefined) throw fault(`${key} not allowed for \`${type}\` type mounts`);
  }
  if (type === 'secret') checkSecret(options);
  if (options.sharing !== undefined && type !== 'cache') throw fault(`invalid cache sharing set for ${type} mount`);
}

function checkSecret({ from, sharing, source: file, target: path, id }: MountOptions): void {
  if (from !== '') throw fault('secret mount should not have a from');
  if (sharing !== undefined) throw fault('secret mount should not define sharing');
  if (file === '' && path === '' && id === '') throw fault('invalid secret mount: one of source, target required');
  if (file !== '' && id !== '') throw fault("both source and id can't be set");
}

function oneOf<Choice extends string>(value: string, choices: readonly Choice[], message: string): Choice {
  const found = choices.find((choice) => choice === value.toLowerCase());
  return found ?? fail(`${message} \`${value}\``, didYouMean(value, choices) ?? `it is one of ${choices.join(', ')}`);
}

function boolean(value: string, key: string): boolean {
  return parseBool(value) ?? fail(`invalid value for ${key}: ${value}`, 'it is `true` or `false`');
}

function number(value: string, key: string, radix: 8 | 10): number {
  const digits = radix === 8 ? /^[0-7]+$/ : /^\d+$/;
  const parsed = digits.test(value) ? Number.parseInt(value, radix) : Number.NaN;
  return parsed < 2 ** 32 ? parsed : fail(`invalid value ${value} for ${key}`);
}

function unexpected(key: string, { type }: MountOptions): Fault {
  return fault(`unexpected key \`${key}\` for mount type \`${type}\``, 'put `type=` first');
}

function fault(message: string, hint?: string): Fault {
  return new Fault('invalid-mount', message, { hint });
}

function fail(message: string, hint?: string): never {
  throw fault(message, hint);
}
